using System.Net;
using System.Net.Sockets;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Hosting;

/// <summary>Whether a node could listen at an address.</summary>
internal static class ListenCheck
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    /// <exception cref="CliException">It could not; the message says why.</exception>
    public static async Task CheckAsync(IPEndPoint address, Uri server, CancellationToken cancellation)
    {
        switch (Fault(address))
        {
            case null:
                return;
            case SocketError.AddressAlreadyInUse:
                throw new CliException($"{await WhoAsync(server, cancellation)} listens at {server.Authority} already: stop it, or choose another address with --api-address.");
            case SocketError.AddressNotAvailable:
                throw new UsageException($"{address.Address} is no address of this machine, so nothing can listen at {address}: choose another with --api-address.");
            case SocketError.AccessDenied:
                throw new CliException($"You may not listen at {address}: choose a port above 1023 with --api-address.");
            case { } other:
                throw new CliException($"Nothing can listen at {address} ({new SocketException((int)other).Message}): choose another address with --api-address.");
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
            // Whose certificate it is does not matter: nothing is sent but the question.
            var connection = new Connection(server, IsInsecure: true);
            using var client = new ApiClient(connection, Tls.Handler(connection));
            var version = (await client.GetAsync("/version", bound.Token)).Text("gitVersion");
            return version is null ? "Something" : version.Contains("orchestrator", StringComparison.Ordinal) ? $"An Orchestrator ({version})" : $"A Kubernetes API ({version})";
        }
        catch (Exception e) when (e is CliException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return "Something";
        }
    }
}
