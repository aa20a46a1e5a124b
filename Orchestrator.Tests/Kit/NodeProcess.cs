using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Tests.Kit;

/// <summary>Settings of an orchestrator-node process.</summary>
/// <param name="Runtime">simulated or docker.</param>
/// <param name="SimulatedNodes">Number of simulated nodes.</param>
/// <param name="Options">Further options of the program, such as --config.</param>
/// <param name="Seed">Control host to join; the process is then a worker without an API.</param>
/// <param name="Host">The host that it runs on; null for this machine.</param>
/// <param name="IsOpen">Whether the API is reached at all addresses of this machine, and not at its loopback address alone.</param>
/// <param name="Ingress">Ports of the ingress; null for none.</param>
internal sealed record NodeSettings(string Runtime = "simulated", int SimulatedNodes = 3, IReadOnlyList<string>? Options = null, NodeProcess? Seed = null, bool IsOpen = false, NetworkHost? Host = null,
    (int Http, int Https)? Ingress = null)
{
    /// <summary>Which addresses pods and services have.</summary>
    public PodFamilies Families { get; init; }
}

/// <summary>
/// Runs the built orchestrator-node in a process with a free port and a temporary data directory. Its output is shown when a test fails. It
/// can be killed and restarted with its data; everything is removed afterwards.
/// </summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(40);
    private readonly StringBuilder _output = new();
    private Process? _process;
    private HttpClient? _admin;

    private NodeProcess(NodeSettings settings, int port)
    {
        Settings = settings;
        Address = new IPEndPoint(settings.Host?.Address ?? IPAddress.Loopback, port);
        Name = $"t{port.ToString(CultureInfo.InvariantCulture)}";
        DataDir = Directory.CreateTempSubdirectory("orchestrator-node-").FullName;
        Anonymous = Client(null);
    }

    public NodeSettings Settings { get; }

    /// <summary>Name of the node; prefix of simulated node names.</summary>
    public string Name { get; }

    public IPEndPoint Address { get; }

    public string DataDir { get; }

    public string Kubeconfig => Path.Combine(DataDir, "admin.kubeconfig");

    /// <summary>Client without credentials.</summary>
    public HttpClient Anonymous { get; }

    /// <summary>Client of the admin.</summary>
    public HttpClient Admin => _admin ??= Client(Certificate());

    /// <summary>Cluster address for other hosts.</summary>
    public string ClusterAddress => File.ReadAllText(Path.Combine(DataDir, "cluster.address")).Trim();

    /// <summary>Join file for a role.</summary>
    public string Join(string role) => Path.Combine(DataDir, "pki", role + ".join");

    public int Pid => _process?.Id ?? throw new InvalidOperationException("The node is not running.");

    /// <summary>Output of the process since its first start.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static async Task<NodeProcess> StartAsync(NodeSettings? settings = null)
    {
        var node = new NodeProcess(settings ?? new NodeSettings(), FreePort.Next());
        try
        {
            await node.RestartAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts or restarts the program and waits until it is ready.</summary>
    public async Task RestartAsync()
    {
        if (_process is { HasExited: false })
        {
            await StopAsync();
        }

        var program = Path.Combine(AppContext.BaseDirectory, "orchestrator-node");
        Assert.True(File.Exists(program), $"There is no {program}: build Orchestrator.Node.");
        string[] inHost = Settings.Host is { } host ? [$"--net={host.Namespace}", program] : [];
        var start = new ProcessStartInfo(Settings.Host is null ? program : "nsenter",
        [
            .. inHost, "--runtime", Settings.Runtime, "--simulated-nodes", Settings.SimulatedNodes.ToString(CultureInfo.InvariantCulture),
            "--data-dir", DataDir, "--api-address", Settings.IsOpen ? $"0.0.0.0:{Address.Port}" : Address.ToString(), "--node-name", Name,
            .. Settings.Host is { Address: var own } ? (string[])["--cluster-address", $"{own}:0"] : [], .. Settings.Options ?? [],
            .. Settings.Seed is { } seed ? (string[])["--roles", "worker", "--seed-nodes", seed.ClusterAddress, "--join", seed.Join("worker")] : [],
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var cluster = Settings.Seed?.Address.Port ?? Address.Port;
        start.Environment["ORCHESTRATOR_POD_CIDR"] = PodCidr.Of(cluster, Settings.Families);
        if (Settings.Runtime == "docker")
        {
            start.Environment["ORCHESTRATOR_SERVICE_CIDR"] = PodCidr.Services(cluster, Settings.Families);
        }

        var (http, https) = Settings.Ingress ?? (0, 0);
        start.Environment["ORCHESTRATOR_INGRESS_HTTP_PORT"] = http.ToString(CultureInfo.InvariantCulture);
        start.Environment["ORCHESTRATOR_INGRESS_HTTPS_PORT"] = https.ToString(CultureInfo.InvariantCulture);
        _process?.Dispose();
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => Keep(e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Poll.UntilAsync(IsReadyAsync, StartBound, () => $"the node is ready; it said:{Environment.NewLine}{Output}");
    }

    /// <summary>Sends SIGKILL: nothing is flushed.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync().WaitAsync(StopBound);
    }

    /// <summary>Sends SIGTERM and waits for the exit.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        (await Command.RunAsync("kill", ["-TERM", Pid.ToString(CultureInfo.InvariantCulture)], StopBound)).Succeeded();
        await _process!.WaitForExitAsync().WaitAsync(StopBound);
        return _process.ExitCode;
    }

    public Kubectl Kubectl(string version, string? space = null) => new(version, Kubeconfig, space);

    /// <summary>Sends a request as the admin; it must succeed.</summary>
    public async Task<JsonNode> AskAsync(HttpMethod method, string path, string? body = null, string type = "application/json") =>
        JsonNode.Parse(await SendAsync(method, path, body, type))!;

    /// <summary>Reads a text as the admin.</summary>
    public Task<string> ReadAsync(string path) => SendAsync(HttpMethod.Get, path, null, "");

    /// <summary>Opens an answer that does not end, such as a watch, as the admin.</summary>
    public Task<Stream> OpenAsync(string path) => Admin.GetStreamAsync(new Uri(path, UriKind.Relative));

    private async Task<string> SendAsync(HttpMethod method, string path, string? body, string type)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, type);
        using var response = await Admin.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? answer
            : throw new HttpRequestException($"{method} {path}: {(int)response.StatusCode} {answer}", null, response.StatusCode);
    }

    /// <summary>Creates a namespace.</summary>
    public async Task<JsonNode> CreateNamespaceAsync(string name)
    {
        var space = await AskAsync(HttpMethod.Post, "/api/v1/namespaces", $$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{name}}}"}}""");

        // What every namespace has comes a moment after it, and a spec may count.
        await Poll.UntilAsync(async () => (await AskAsync(HttpMethod.Get, $"/api/v1/namespaces/{name}/configmaps"))["items"]!.AsArray().Count > 0
            && (await AskAsync(HttpMethod.Get, $"/api/v1/namespaces/{name}/serviceaccounts"))["items"]!.AsArray().Count > 0, StartBound, () => $"the namespace {name} has its account");
        return space;
    }

    public async ValueTask DisposeAsync()
    {
        Anonymous.Dispose();
        _admin?.Dispose();
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        _process?.Dispose();
        if (Settings.Runtime == "docker")
        {
            await Containers.RemoveAllAsync(Name);
            await PodCidr.RemoveAsync(DataDir);
        }

        new Orchestrator.Cli.Hosting.DataDirectory(DataDir).Delete();
    }

    private async Task<bool> IsReadyAsync()
    {
        Assert.False(_process!.HasExited, $"The node ended:{Environment.NewLine}{Output}");
        if (Settings.Seed is not null)
        {
            return File.Exists(Path.Combine(DataDir, "ready"));
        }

        try
        {
            using var response = await Anonymous.GetAsync(new Uri("/readyz", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false; // Not listening yet, or too busy to be connected to.
        }
    }

    private HttpClient Client(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(15), AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        handler.SslOptions.ClientCertificates = certificate is null ? null : [certificate];
        return new HttpClient(handler) { BaseAddress = new Uri($"https://{Address}"), Timeout = TimeSpan.FromSeconds(30) };
    }

    private X509Certificate2 Certificate()
    {
        string Field(string name) => Encoding.UTF8.GetString(Convert.FromBase64String(
            File.ReadLines(Kubeconfig).First(l => l.Contains(name, StringComparison.Ordinal)).Split(':', 2)[1].Trim()));
        return X509Certificate2.CreateFromPem(Field("client-certificate-data"), Field("client-key-data"));
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_output)
            {
                _output.AppendLine(line);
            }
        }
    }
}
