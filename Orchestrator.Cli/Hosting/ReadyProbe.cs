using System.Net.Sockets;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Hosting;

/// <summary>Checks whether a node is ready: null if it is, otherwise what it waits for.</summary>
internal interface IReadyProbe
{
    Task<string?> MissingAsync(CancellationToken cancellation);
}

/// <summary>For a node with an API server: /readyz over TLS, verified with the cluster's CA, which is generated at the first start.</summary>
internal sealed class ApiReadyProbe(DataDirectory data, Uri server) : IReadyProbe
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    public async Task<string?> MissingAsync(CancellationToken cancellation)
    {
        if (!File.Exists(data.Authority))
        {
            return "for the cluster's CA to be generated";
        }

        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(Bound);
        try
        {
            using var handler = Tls.Handler(new Connection(server, Authority: await File.ReadAllTextAsync(data.Authority, bound.Token)));
            using var http = new HttpClient(handler);
            using var response = await http.GetAsync(new Uri(server, "/readyz"), bound.Token);
            if (!response.IsSuccessStatusCode)
            {
                return $"for the node to be ready: {(await response.Content.ReadAsStringAsync(bound.Token)).Trim()}";
            }
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException)
        {
            return $"for the API server to answer at {server.Authority}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return $"for the API server to answer at {server.Authority} ({(e.InnerException ?? e).Message.TrimEnd('.')})";
        }

        return File.Exists(data.Kubeconfig) ? null : $"for {data.Kubeconfig}";
    }
}

/// <summary>For a node without an API server: it writes a file when it is ready.</summary>
internal sealed class FileReadyProbe(DataDirectory data) : IReadyProbe
{
    public Task<string?> MissingAsync(CancellationToken cancellation) =>
        Task.FromResult(File.Exists(data.Ready) ? null : "for the node to join its cluster");
}
