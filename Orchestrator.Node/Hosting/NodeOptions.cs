using System.Globalization;
using System.Net;
using Akka.Configuration;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;
using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Node.Agent.KeptLogs;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Node.Agent.Images;
using Orchestrator.Node.Agent.NodeSetup;
using Orchestrator.Node.Agent.Shutdown;
using Orchestrator.Node.Ingress;
using Orchestrator.Node.Logs;
using Orchestrator.Node.Network;
using Orchestrator.Node.Simulated;

namespace Orchestrator.Node.Hosting;

/// <summary>The settings of one host, read from flags, environment, a file and the reference file, in this order of precedence.</summary>
internal sealed record NodeOptions
{
    /// <summary>Settings that can be given as a flag, an environment variable or a key.</summary>
    public static readonly IReadOnlyList<string> Names =
        ["data-dir", "api-address", "cluster-address", "seed-nodes", "join", "roles", "node-name", "runtime", "docker-host", "simulated-nodes", "journal", "journal-retention", "node-patience", "pod-cidr", "service-cidr",
            "service-node-port-range", "load-balancer", "ingress-http-port", "ingress-https-port", "ingress-access-log", "log-format", "log-level"];

    public required string DataDir { get; init; }

    public required IPEndPoint ApiAddress { get; init; }

    public required string ClusterHost { get; init; }

    public required int ClusterPort { get; init; }

    public required IReadOnlyList<string> SeedNodes { get; init; }

    /// <summary>The join file for the first start; null if none is given.</summary>
    public required string? Join { get; init; }

    /// <summary>Whether the host forms a new cluster if it has no credentials yet. As in Akka, only the first seed node may.</summary>
    public bool MayBootstrap => IsControl && (SeedNodes.Count == 0 || Endpoint("seed-nodes", SeedNodes[0]) == (ClusterHost, ClusterPort));

    public required IReadOnlySet<string> Roles { get; init; }

    public required string NodeName { get; init; }

    public required string Runtime { get; init; }

    /// <summary>Endpoint of the Docker engine.</summary>
    public required Uri DockerHost { get; init; }

    public required int SimulatedNodes { get; init; }

    public required SimulationOptions Simulation { get; init; }

    public required string Journal { get; init; }

    /// <summary>Maximum age of events; null if they are never compacted.</summary>
    public required TimeSpan? JournalRetention { get; init; }

    /// <summary>Number of events between two checkpoints of the cache; 0 for none.</summary>
    public required long CheckpointEvery { get; init; }

    public required TimeSpan NodePatience { get; init; }

    /// <summary>Time between two samples of what nodes and pods use.</summary>
    public required TimeSpan MetricResolution { get; init; }

    /// <summary>Folder with the manifests of static pods; null if there is none.</summary>
    public required string? StaticPodPath { get; init; }

    /// <summary>Folder of CSI drivers and their volumes; null if the nodes have none.</summary>
    public required string? KubeletDir { get; init; }

    /// <summary>When images are removed from nodes.</summary>
    public required ImageGcSettings ImageGc { get; init; }

    /// <summary>When pods are evicted from nodes that run short of something.</summary>
    public required EvictionSettings Eviction { get; init; }

    /// <summary>How much is kept of the logs of pods that were removed.</summary>
    public required KeptLogSettings DeletedLogs { get; init; }
    /// <summary>The addresses of pods.</summary>
    public required PodRanges PodRanges { get; init; }

    /// <summary>The addresses and ports that services can have.</summary>
    public required ServiceRanges ServiceRanges { get; init; }

    /// <summary>Where Services of type LoadBalancer get their addresses.</summary>
    public LoadBalancing LoadBalancing { get; init; } = LoadBalancing.Nodes;

    /// <summary>The network of pods.</summary>
    public required PodNetworkSettings PodNetwork { get; init; }

    /// <summary>Where nodes serve Ingresses; null if they serve none.</summary>
    public required IngressPorts? Ingress { get; init; }

    /// <summary>With what nodes are registered.</summary>
    public required NodeRegistration Registration { get; init; }

    /// <summary>What of nodes is kept from pods.</summary>
    public required NodeReservations Reserved { get; init; }

    /// <summary>How pods end when the machine shuts down.</summary>
    public required ShutdownSettings Shutdown { get; init; }

    /// <summary>How HorizontalPodAutoscalers decide.</summary>
    public required AutoscalerSettings Autoscaling { get; init; }

    /// <summary>How the lines of the log are written.</summary>
    public required LogFormat LogFormat { get; init; }

    /// <summary>Minimum level of lines of the log.</summary>
    public required LogLevel LogLevel { get; init; }

    /// <summary>The HOCON configuration: the user's file with the reference as fallback.</summary>
    public required Config Hocon { get; init; }

    public bool IsControl => Roles.Contains("control");

    public bool IsWorker => Roles.Contains("worker");

    /// <summary>Reads the settings.</summary>
    /// <param name="flag">The value of a flag; null if it is not given.</param>
    /// <param name="environment">The value of an environment variable; null if it is not set.</param>
    /// <returns>The settings, or an error that names the invalid setting and the valid values.</returns>
    public static (NodeOptions? Options, string? Error) Read(Func<string, string?> flag, Func<string, string?> environment)
    {
        string? Given(string name) => flag(name) ?? environment("ORCHESTRATOR_" + name.ToUpperInvariant().Replace('-', '_'));
        try
        {
            if (flag("journal") is { Length: > 0 } journal && JournalTarget.Parse(journal).HasPassword)
            {
                throw new FormatException("journal: a flag must not contain a password, because every user of this machine can read it. Set ORCHESTRATOR_JOURNAL or PGPASSWORD in the environment, "
                    + "name a password file in PGPASSFILE, or set orchestrator.journal in a file and give it with --config");
            }

            var config = SettingsFile.Read(Given("config"));
            return (Build(name => Given(name) ?? config.GetString("orchestrator." + name) ?? "", environment("DOCKER_HOST"), config), null);
        }
        catch (FormatException e)
        {
            return (null, e.Message);
        }
    }

    private static NodeOptions Build(Func<string, string> value, string? dockerHost, Config config)
    {
        var dataDir = value("data-dir") is { Length: > 0 } directory ? Path.GetFullPath(directory) : throw new FormatException("data-dir: it must not be empty");
        var roles = List(value("roles")).ToHashSet();
        if (roles.Count == 0 || roles.Any(r => r is not ("control" or "worker")))
        {
            throw new FormatException($"roles: \"{value("roles")}\" must be control, worker or control,worker");
        }

        var runtime = value("runtime");
        if (runtime is not ("docker" or "simulated"))
        {
            throw new FormatException($"runtime: \"{runtime}\" must be docker or simulated");
        }

        var engine = (string[])[value("docker-host"), dockerHost ?? "", "unix:///var/run/docker.sock"];
        if (!Uri.TryCreate(engine.First(e => e.Length > 0), UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("unix" or "tcp" or "http"))
        {
            throw new FormatException($"docker-host: \"{engine.First(e => e.Length > 0)}\" must be unix:///path/of/a/socket or tcp://host:port");
        }

        if (!int.TryParse(value("simulated-nodes"), CultureInfo.InvariantCulture, out var simulated) || simulated is < 0 or > 100_000)
        {
            throw new FormatException($"simulated-nodes: \"{value("simulated-nodes")}\" must be a whole number from 0 to 100000");
        }

        var (clusterHost, clusterPort) = Endpoint("cluster-address", value("cluster-address"));
        var (apiHost, apiPort) = Endpoint("api-address", value("api-address"));
        if (!IPAddress.TryParse(apiHost, out var apiIp))
        {
            throw new FormatException($"api-address: \"{apiHost}\" must be an IP address of this host");
        }

        var seeds = List(value("seed-nodes"));
        foreach (var seed in seeds)
        {
            Endpoint("seed-nodes", seed);
        }

        if (seeds.Count == 0 && !roles.Contains("control"))
        {
            throw new FormatException("seed-nodes: a worker needs --seed-nodes, the cluster addresses of control hosts");
        }

        var name = value("node-name") is { Length: > 0 } given ? given : Environment.MachineName.ToLowerInvariant();
        if (Orchestrator.Actors.Validation.Names.Subdomain(name) is { } fault)
        {
            throw new FormatException($"node-name: \"{name}\": {fault}");
        }

        var journal = value("journal") is { Length: > 0 } database ? database : Path.Combine(dataDir, "journal.db");
        _ = JournalHocon.ConnectionString(journal); // Refuses what is none.
        var pods = PodRanges.Of(value("pod-cidr"), config.GetInt("orchestrator.pod-network.node-prefix"), config.GetInt("orchestrator.pod-network.node-prefix-ipv6"));
        var services = ServiceRanges.Of(value("service-cidr"), value("service-node-port-range"), pods.Clusters.AsSpan());
        return new NodeOptions
        {
            DataDir = dataDir,
            ApiAddress = new IPEndPoint(apiIp, apiPort),
            ClusterHost = clusterHost,
            ClusterPort = clusterPort,
            SeedNodes = seeds,
            Join = value("join") is { Length: > 0 } join ? Path.GetFullPath(join) : null,
            Roles = roles,
            NodeName = name,
            Runtime = runtime,
            DockerHost = endpoint,
            SimulatedNodes = simulated,
            Simulation = new SimulationOptions(
                config.GetTimeSpan("orchestrator.simulation.start-delay"),
                config.GetTimeSpan("orchestrator.simulation.stop-delay"),
                config.GetDouble("orchestrator.simulation.crash-rate"),
                config.GetDouble("orchestrator.simulation.failure-rate")),
            Journal = journal,
            JournalRetention = Retention(value("journal-retention")),
            CheckpointEvery = Checkpoint(config.GetString("orchestrator.checkpoint-every")),
            NodePatience = Duration("node-patience", value("node-patience")),
            MetricResolution = AtLeast(TimeSpan.FromSeconds(1), "metric-resolution", config.GetString("orchestrator.metric-resolution")),
            StaticPodPath = config.GetString("orchestrator.static-pod-path") is { Length: > 0 } folder ? Path.GetFullPath(folder) : null,
            KubeletDir = config.GetString("orchestrator.kubelet-dir") is { Length: > 0 } kubelet ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(kubelet)) : null,
            ImageGc = Images(name => config.GetString($"orchestrator.image-gc.{name}")),
            DeletedLogs = Logs(name => config.GetString($"orchestrator.deleted-logs.{name}")),
            Eviction = EvictionOptions.Read(name => config.GetString($"orchestrator.eviction.{name}") ?? ""),
            PodRanges = pods,
            ServiceRanges = services,
            LoadBalancing = LoadBalancing.Of(value("load-balancer"), [.. pods.Clusters, .. services.Families.Select(f => f.Network)]),
            PodNetwork = Network(name => config.GetString($"orchestrator.pod-network.{name}")),
            Ingress = IngressOf(value),
            Registration = RegistrationOptions.Read(config),
            Reserved = RegistrationOptions.Reserved(config),
            Shutdown = ShutdownOptions.Read(config),
            Autoscaling = Autoscalers(name => config.GetString($"orchestrator.horizontal-pod-autoscaler.{name}")),
            LogFormat = OneOf("log-format", value("log-format"), ("text", LogFormat.Text), ("json", LogFormat.Json)),
            LogLevel = OneOf("log-level", value("log-level"), [.. ((LogLevel[])[LogLevel.Debug, LogLevel.Information, LogLevel.Warning, LogLevel.Error]).Select(l => (LogLine.NameOf(l), l))]),
            Hocon = config,
        };
    }

    /// <summary>The effective settings, one <c>name=value</c> per line. The journal is left out because it may contain a password.</summary>
    public string Print() => string.Join('\n',
    [
        $"data-dir={DataDir}",
        $"api-address={ApiAddress}",
        $"cluster-address={ClusterHost}:{ClusterPort}",
        $"seed-nodes={string.Join(',', SeedNodes)}",
        $"roles={string.Join(',', Roles)}",
        $"node-name={NodeName}",
        $"runtime={Runtime}",
        $"simulated-nodes={SimulatedNodes}",
    ]);

    // With less than an hour, an entity in memory could still refer to an object whose events are compacted.
    private static TimeSpan? Retention(string text) => text is "off" or "0" ? null
        : Duration("journal-retention", text) is var age && age >= TimeSpan.FromHours(1) ? age
        : throw new FormatException($"journal-retention: \"{text}\" must be a duration of an hour or more such as 30d, or off");

    private static AutoscalerSettings Autoscalers(Func<string, string> value)
    {
        TimeSpan Length(string name, TimeSpan least) => AtLeast(least, $"horizontal-pod-autoscaler.{name}", value(name));
        var tolerance = value("tolerance");
        return new AutoscalerSettings(Length("sync-period", TimeSpan.FromSeconds(1)), Length("downscale-stabilization", TimeSpan.Zero), Length("initial-readiness-delay", TimeSpan.Zero),
            Length("cpu-initialization-period", TimeSpan.Zero), PlainNumber.Read(tolerance) is { } share and < 1 ? share
                : throw new FormatException($"horizontal-pod-autoscaler.tolerance: \"{tolerance}\" must be a number from 0 to 1 such as 0.1"));
    }

    private static PodNetworkSettings Network(Func<string, string> value)
    {
        const int most = 110;
        return new PodNetworkSettings(
            OneOf("pod-network.mode", value("mode"), ("auto", PodNetworkMode.Auto), ("routed", PodNetworkMode.Routed), ("cni", PodNetworkMode.Cni), ("engine", PodNetworkMode.Engine)),
            int.TryParse(value("ahead"), NumberStyles.None, CultureInfo.InvariantCulture, out var ahead) && ahead <= most ? ahead
                : throw new FormatException($"pod-network.ahead: \"{value("ahead")}\" must be a number from 0 to {most}"),
            OneOf("pod-network.peers", value("peers"), ("auto", PeerMode.Auto), ("routes", PeerMode.Routes), ("tunnel", PeerMode.Tunnel)),
            new CniSettings(Absolute("cni-conf", value("cni-conf")), [.. value("cni-bin").Split(':').Select(f => Absolute("cni-bin", f))],
                OneOf("pod-network.cni-policies", value("cni-policies"), ("off", false), ("plugins", true))));

        static string Absolute(string name, string folder) => Path.IsPathFullyQualified(folder) ? Path.TrimEndingDirectorySeparator(folder)
            : throw new FormatException($"pod-network.{name}: \"{folder}\" must be the full path of a folder");
    }

    private static IngressPorts? IngressOf(Func<string, string> value)
    {
        int Port(string name) => int.TryParse(value(name), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort ? port
            : throw new FormatException($"{name}: \"{value(name)}\" must be a port from 1 to 65535, or 0 for none");
        var ports = new IngressPorts(Port("ingress-http-port"), Port("ingress-https-port"), OneOf("ingress-access-log", value("ingress-access-log"), ("on", true), ("off", false)));
        return ports switch
        {
            { Http: 0, Https: 0 } => null,
            { Http: var http, Https: var https } when http == https => throw new FormatException($"ingress-https-port: \"{https}\" must be another port than ingress-http-port"),
            _ => ports,
        };
    }

    private static ImageGcSettings Images(Func<string, string> value)
    {
        int Percent(string name, int most) => int.TryParse(value(name), NumberStyles.None, CultureInfo.InvariantCulture, out var percent) && percent <= most ? percent
            : throw new FormatException($"image-gc.{name}: \"{value(name)}\" must be a number from 0 to {most}");
        var high = Percent("high-threshold-percent", 100);
        return new ImageGcSettings(high, Percent("low-threshold-percent", Math.Max(0, high - 1)), AtLeast(TimeSpan.Zero, "image-gc.minimum-age", value("minimum-age")));
    }

    /// <summary>Reads a duration.</summary>
    /// <exception cref="FormatException">It is none, or shorter than the least.</exception>
    internal static TimeSpan AtLeast(TimeSpan least, string name, string text) => Duration(name, text) is var duration && duration >= least ? duration
        : throw new FormatException($"{name}: \"{text}\" must be a duration of {least.TotalSeconds:0}s or more");

    private static KeptLogSettings Logs(Func<string, string> value)
    {
        long Size(string name, long most) => Quantity.Read(value(name)) is { Nanos: var nanos } && nanos >= 0 && nanos / 1_000_000_000 <= most ? (long)(nanos / 1_000_000_000)
            : throw new FormatException($"deleted-logs.{name}: \"{value(name)}\" must be a number of bytes such as 256Mi, at most {most >> 20}Mi");
        return new KeptLogSettings(AtLeast(TimeSpan.Zero, "deleted-logs.keep-for", value("keep-for")), Size("max-size", 1L << 50), Size("max-log-size", 64 << 20));
    }

    private static long Checkpoint(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var events) && events is 0 or >= 100 ? events
        : throw new FormatException($"checkpoint-every: \"{text}\" must be a number of events from 100, or 0 for no checkpoints");

    private static T OneOf<T>(string name, string text, params IReadOnlyList<(string Word, T Value)> known) => known.Where(k => k.Word == text).ToList() is [var found] ? found.Value
        : throw new FormatException($"{name}: \"{text}\" must be {string.Join(", ", known.SkipLast(1).Select(k => k.Word))} or {known[^1].Word}");

    private static TimeSpan Duration(string name, string text)
    {
        var config = ConfigurationFactory.ParseString($"value = {text}");
        try
        {
            return text == "0" ? TimeSpan.Zero : text.Length == 0 ? throw new FormatException() : config.GetTimeSpan("value", allowInfinite: false);
        }
        catch (Exception e) when (e is FormatException or ConfigurationException)
        {
            throw new FormatException($"{name}: \"{text}\" must be a duration such as 30d, 12h or 40s");
        }
    }

    private static IReadOnlyList<string> List(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static (string Host, int Port) Endpoint(string name, string text) =>
        text.LastIndexOf(':') is > 0 and var colon && int.TryParse(text[(colon + 1)..], CultureInfo.InvariantCulture, out var port) && port is >= 0 and <= 65535
            ? (text[..colon].Trim('[', ']'), port)
            : throw new FormatException($"{name}: \"{text}\" must be host:port, such as 127.0.0.1:6443");
}
