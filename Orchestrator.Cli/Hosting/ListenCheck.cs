using System.Net;
using System.Net.Sockets;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Hosting;

/// <summary>Checks whether a node can listen on an address.</summary>
internal static class ListenCheck
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    /// <exception cref="CliException">It cannot; the message says why.</exception>
    public static async Task CheckAsync(IPEndPoint address, Uri server, CancellationToken cancellation)
    {
        switch (Fault(address))
        {
            case null:
                return;
            case SocketError.AddressAlreadyInUse:
                throw new CliException($"{await WhoAsync(server, cancellation)} is already listening on {server.Authority}: stop it, or choose another address with --api-address.");
            case SocketError.AddressNotAvailable:
                throw new UsageException($"{address.Address} is not an address of this machine: choose another one with --api-address.");
            case SocketError.AccessDenied:
                throw new CliException($"Permission denied to listen on {address}: choose a port above 1023 with --api-address.");
            case { } other:
                throw new CliException($"Cannot listen on {address} ({new SocketException((int)other).Message}): choose another address with --api-address.");
        }
    }

    public static SocketError? Fault(IPEndPoint address)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(address);
            socket.Listen(1);
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    private static async Task<string> WhoAsync(Uri server, CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(Bound);
        try
        {
            // The certificate is not verified: only the version is requested.
            var connection = new Connection(server, IsInsecure: true);
            using var client = new ApiClient(connection, Tls.Handler(connection));
            var version = (await client.GetAsync("/version", bound.Token)).Text("gitVersion");
            return version is null ? "Another process" : version.Contains("orchestrator", StringComparison.Ordinal) ? $"An Orchestrator ({version})" : $"A Kubernetes API ({version})";
        }
        catch (Exception e) when (e is CliException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return "Another process";
        }
    }
}
