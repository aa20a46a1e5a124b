using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.ResourceQuotas;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Shutdown;
using Orchestrator.Node.ApiServer;
using Orchestrator.Node.ApiServer.Auth;
using Orchestrator.Node.Certificates;
using Orchestrator.Node.Logs;
using Orchestrator.Node.Tokens;

namespace Orchestrator.Node.Hosting;

/// <summary>The lifecycle of one host.</summary>
internal sealed class Host : IAsyncDisposable
{
    private static readonly TimeSpan JoinBound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RegisterBound = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RejoinPause = TimeSpan.FromSeconds(1);
    private readonly NodeOptions _options;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly ObjectCache _cache = new();
    private readonly ResourceMetricsStore _metrics = new();
    private readonly PushedMetricStore _pushedMetrics = new();
    private readonly JournalTable _journal;
    private readonly ControlPlane _control;
    private readonly AccountTokens? _tokens;
    private readonly RandomIdSource _ids = new();
    private readonly Pki _pki;
    private readonly ClusterTls _tls;
    private readonly ILoggerFactory _loggers;
    private readonly NodeShutdown _shutdown;
    private ActorSystem? _system;
    private WebApplication? _web;
    private CertificateRenewal? _renewal;
    private readonly MemoryReturn _memory;
    private IActorRef _gateway = ActorRefs.Nobody;
    private volatile AgentReadiness? _agents;
    private volatile string? _startupPhase = "the host is starting";

    private Host(NodeOptions options, Pki pki, ILoggerFactory loggers, NodeShutdown shutdown)
    {
        _shutdown = shutdown;
        _options = options;
        _pki = pki;
        _loggers = loggers;
        _tls = new ClusterTls(pki.Cluster, options.SeedNodes.Count, loggers.CreateLogger<ClusterTls>());
        _journal = new JournalTable(options.Journal);
        _control = new ControlPlane(options, _cache, _metrics, _pushedMetrics, _time, _ids);
        _tokens = pki.Api is { } authority ? new AccountTokens(new SigningKeys(authority.Pair), _ids, _time) : null;
        _memory = new MemoryReturn(_time);
    }

    /// <summary>Runs a host until it receives SIGTERM or SIGINT.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(NodeOptions options)
    {
        DataDirLock? acquired;
        try
        {
            PrivateDirectory.Prepare(options.DataDir);
            acquired = DataDirLock.TryAcquire(options.DataDir);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"orchestrator-node: --data-dir {options.DataDir} is not writable: {e.Message}").ConfigureAwait(false);
            return 2;
        }

        using var dataLock = acquired;
        if (dataLock is null)
        {
            await Console.Error.WriteLineAsync($"orchestrator-node: {options.DataDir} is locked by another host; stop it with 'orc down' or use another --data-dir").ConfigureAwait(false);
            return 1;
        }

        var (opened, fault) = Pki.Open(options.DataDir, options.Join, options.IsControl, options.MayBootstrap, DateTimeOffset.UtcNow);
        using var pki = opened;
        if (pki is null)
        {
            await Console.Error.WriteLineAsync($"orchestrator-node: {fault}").ConfigureAwait(false);
            return 2;
        }

        var log = HostLog.Open(Console.OpenStandardOutput(), options.LogFormat, options.LogLevel, TimeProvider.System);
        await using (log.ConfigureAwait(false))
        {
            return await RunAsync(options, pki, dataLock, log.Loggers).ConfigureAwait(false);
        }
    }

    private static async Task<int> RunAsync(NodeOptions options, Pki pki, DataDirLock dataLock, ILoggerFactory loggers)
    {
        var log = loggers.CreateLogger<Host>();

        // Never disposed, because a signal may arrive after everything else has stopped.
        var stop = new CancellationTokenSource();
        var isStopping = false;
        var shutdown = new NodeShutdown(options.Shutdown);
        using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, Stop);
        using var interrupt = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGINT, Stop);
        var signals = ShutdownSignals.Listen(shutdown, options.IsWorker, log);
        await using var listening = signals.ConfigureAwait(false);
        var wasReady = false;
        while (true)
        {
            var exit = await RunOnceAsync(options, pki, dataLock, loggers, shutdown, stop.Token).ConfigureAwait(false);
            if (stop.IsCancellationRequested)
            {
                return 0;
            }

            wasReady |= exit == Exit.Left;
            if (options.IsControl || !wasReady)
            {
                return 1;
            }

            // The worker was removed from the cluster, or lost the control hosts. Its pods keep running and it joins again.
            log.Tell(LogLevel.Warning, "Disconnected from the cluster; joining again");
            await Task.WhenAny(Task.Delay(RejoinPause, stop.Token)).ConfigureAwait(false);
        }

        void Stop(System.Runtime.InteropServices.PosixSignalContext context)
        {
            // A second signal does not wait.
            context.Cancel = true;
            if (options.Shutdown is { IsOn: true, OnStop: true } && options.IsWorker && !Interlocked.Exchange(ref isStopping, true))
            {
                shutdown.BeginAsync().ContinueWith(_ => stop.Cancel(), TaskScheduler.Default);
                return;
            }

            stop.Cancel();
        }
    }

    private static async Task<Exit> RunOnceAsync(NodeOptions options, Pki pki, DataDirLock dataLock, ILoggerFactory loggers, NodeShutdown shutdown, CancellationToken stop)
    {
        var log = loggers.CreateLogger<Host>();
        var host = new Host(options, pki, loggers, shutdown);
        try
        {
            return await host.RunUntilStoppedAsync(dataLock, log, stop).ConfigureAwait(false);
        }
        finally
        {
            try
            {
                await host.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // The process ends, or starts anew; what was acknowledged is in the journal.
                log.Fail(e, "A part of the host did not stop");
            }
        }
    }

    private async Task<Exit> RunUntilStoppedAsync(DataDirLock dataLock, ILogger log, CancellationToken stop)
    {
        try
        {
            await StartAsync(stop).ConfigureAwait(false);
            await dataLock.MarkReadyAsync(_options.IsControl ? _options.ApiAddress.ToString() : _options.NodeName).ConfigureAwait(false);
            log.Tell(LogLevel.Information, "Ready", ("roles", string.Join(',', _options.Roles)));
            await Task.WhenAny(_system!.WhenTerminated, Task.Delay(Timeout.Infinite, stop)).ConfigureAwait(false);
            return Exit.Left;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Exit.Left;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or TimeoutException or AskTimeoutException or OperationCanceledException
            or Microsoft.Data.Sqlite.SqliteException or Npgsql.NpgsqlException or AkkaException)
        {
            log.Tell(LogLevel.Error, $"Could not start while {NotReadyReason()}", ("error", e.Message));
            return Exit.StartFailed;
        }
        catch (Exception e)
        {
            // Nobody expects it, so the log says where it came from; the process ends with an exit code all the same.
            log.Fail(e, $"Could not start while {NotReadyReason()}");
            return Exit.StartFailed;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _renewal?.Dispose();
        _memory.Dispose();
        if (_web is not null)
        {
            using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await _web.StopAsync(bound.Token).ConfigureAwait(false);
            await _web.DisposeAsync().ConfigureAwait(false);
        }

        if (_system is not null)
        {
            await Task.WhenAny(CoordinatedShutdown.Get(_system).Run(CoordinatedShutdown.ClrExitReason.Instance), Task.Delay(StopBound)).ConfigureAwait(false);
        }

        await _control.DisposeAsync().ConfigureAwait(false);
        await _cache.DisposeAsync().ConfigureAwait(false);
        _journal.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellation)
    {
        if (_options.IsControl)
        {
            _startupPhase = $"opening {_options.ApiAddress}";
            await ServeAsync(cancellation).ConfigureAwait(false);
        }

        _startupPhase = "the actor system is starting";
        TransportIdentity.Give();
        _system = ActorSystem.Create("orchestrator", BootstrapSetup.Create().WithConfig(Configuration())
            .And(new RevisionJournalSetup(_cache)).And(new ResourceRegistrySetup(_cache.Registry)).And(_tls.Setup(_options.NodeName, _time.GetUtcNow())).And(new AkkaLogSetup(_loggers)));
        if (_options.IsControl)
        {
            _startupPhase = "the journal is being read";
            await _control.ReadJournalAsync(_system, cancellation).ConfigureAwait(false);
        }

        _startupPhase = _options.SeedNodes.Count == 0 ? "the host is forming its cluster" : $"the host is joining the cluster at {string.Join(", ", _options.SeedNodes)}";
        var cluster = Cluster.Get(_system);
        _system.ActorOf(Props.Create(() => new MembershipLogActor()), "membership-log");
        var seeds = _options.SeedNodes.Select(s => Address.Parse($"{cluster.SelfAddress.Protocol}://{_system.Name}@{s}")).DefaultIfEmpty(cluster.SelfAddress).ToList();
        using (var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
        {
            bound.CancelAfter(JoinBound);
            var joining = cluster.JoinSeedNodesAsync(seeds, bound.Token);
            if (await Task.WhenAny(joining, _tls.Rejected).ConfigureAwait(false) == _tls.Rejected)
            {
                throw new InvalidOperationException(await _tls.Rejected.ConfigureAwait(false));
            }

            await joining.ConfigureAwait(false);
        }

        await File.WriteAllTextAsync(Path.Combine(_options.DataDir, "cluster.address"), $"{cluster.SelfAddress.Host}:{cluster.SelfAddress.Port}\n", cancellation).ConfigureAwait(false);
        IActorRef region;
        if (_options.IsControl)
        {
            _startupPhase = "the shard region is starting";
            await _control.StartAsync(_system, _tokens!, _pki.Api!.Pair.Certificate, cancellation).ConfigureAwait(false);
            region = _control.Region;
        }
        else
        {
            _startupPhase = "the shard region of the control hosts is being located";
            region = await ClusterSharding.Get(_system).StartProxyAsync(ObjectRegion.TypeName, "control", ObjectRegion.Extractor).WaitAsync(JoinBound, cancellation).ConfigureAwait(false);
        }

        _gateway = ControlPlane.Proxy(_system, "node-gateway");
        if (_options.IsWorker)
        {
            await ReadyAsync(Agents.Start(_system, _options, region, _gateway, _shutdown, _time), cancellation).ConfigureAwait(false);
        }

        _startupPhase = null;
    }

    private string? NotReadyReason() => _agents?.WaitsFor ?? _startupPhase ?? (_cache.Fault is { } fault ? $"the cache stopped at revision {_cache.Revision}, restart this host: {fault.Message}" : null);

    private string? Trouble() => _system is { } system ? JournalAccess.Of(system).Writer.Trouble : null;

    // A host is ready when its nodes are registered and receive their pods, whether or not their runtime is available.
    private async Task ReadyAsync(AgentReadiness agents, CancellationToken cancellation)
    {
        _agents = agents;
        _startupPhase = "its nodes register";
        await agents.AllReady.WaitAsync(RegisterBound, _time, cancellation).ConfigureAwait(false);
    }

    private Config Configuration()
    {
        var roles = string.Join(",", _options.Roles.Concat(_options.IsControl && HostAddress.OfApi(_options) is { } api ? [ApiServers.RoleOf(api)] : []).Select(r => $"\"{r}\""));
        var own = $$"""
            akka.remote.dot-netty.tcp.hostname = "{{_options.ClusterHost}}"
            akka.remote.dot-netty.tcp.port = {{_options.ClusterPort}}
            akka.remote.dot-netty.tcp.enable-ssl = true
            akka.cluster.roles = [{{roles}}]
            {{AkkaLogger.Hocon(_options.LogLevel)}}
            """;
        var config = ConfigurationFactory.ParseString(own);
        if (_options.IsControl)
        {
            config = config.WithFallback(ConfigurationFactory.ParseString(JournalHocon.For(_options.Journal)));
        }

        return config.WithFallback(_options.Hocon)
            .WithFallback(ClusterSharding.DefaultConfig())
            .WithFallback(Akka.Cluster.Tools.Singleton.ClusterSingleton.DefaultConfig());
    }

    private async Task ServeAsync(CancellationToken cancellation)
    {
        var authority = _pki.Api!;
        var certificates = new ApiCertificates(_pki, _options.ApiAddress, Path.Combine(_options.DataDir, "admin.kubeconfig"), _time.GetUtcNow(), System.Net.IPAddress.Parse(_options.ServiceRanges.Primary.First));
        // Empty builder: all settings come from the options of this host; no appsettings files are read or watched.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = _options.DataDir });
        builder.Services.AddSingleton(_loggers);
        builder.Services.AddHttpForwarder();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Services.Replace(ServiceDescriptor.Singleton<IMemoryPoolFactory<byte>, MovableBuffers>());
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 4 * 1024 * 1024;
            kestrel.Listen(_options.ApiAddress, listen => listen.UseHttps(https =>
            {
                https.ServerCertificateSelector = (_, _) => certificates.Server;
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.ClientCertificateValidation = (certificate, _, _) => authority.Signed(certificate, Usage.Client);
            }));
        });
        _web = builder.Build();
        var store = new RegionObjectStore(() => _control.Region);
        var services = new ApiServices(store, _cache, _journal, _time, _ids, NotReadyReason, Trouble, () => _gateway)
        {
            Tokens = _tokens!,
            Address = ServerNames.Reached(_options.ApiAddress),
            Certificates = certificates.Ends,
            DataDir = _options.DataDir,
            Rooms = new QuotaRoom(_cache, _ids, _time, store),
            Allocator = new ServiceAllocator(_options.ServiceRanges, _cache, _time, store),
            Metrics = _metrics,
            PushedMetrics = _pushedMetrics,
            MetricReceivers = () => _control.MetricReceivers,
        };
        var log = _loggers.CreateLogger<KubernetesApi>();
        var api = new KubernetesApi(services, new Authenticator(authority, _pki.AdminToken!, new AccountAuthenticator(_tokens!, _cache, _time, NotReadyReason)), log);
        _web.Run(api.HandleAsync);
        await _web.StartAsync(cancellation).ConfigureAwait(false);
        _renewal = new CertificateRenewal(authority, certificates, _time, _loggers.CreateLogger<CertificateRenewal>());
    }

    private enum Exit
    {
        StartFailed,
        Left,
    }
}
