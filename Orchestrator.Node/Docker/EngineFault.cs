using System.Net.Sockets;

namespace Orchestrator.Node.Docker;

/// <summary>Says why the engine does not answer, and what to do about it. Pure.</summary>
internal static class EngineFault
{
    private const string Start = "start Docker, or say where it listens with --docker-host";

    /// <param name="fault">What a call to the engine ended with.</param>
    /// <param name="engine">Where the engine should be; null when the caller does not know.</param>
    public static string Sentence(Exception fault, Uri? engine = null)
    {
        var cause = Innermost(fault);
        var isSocket = engine is null or { Scheme: "unix" };
        var where = engine is null ? "its socket" : isSocket ? $"the socket {engine.AbsolutePath}" : engine.Authority;
        return cause is not SocketException { SocketErrorCode: var code } ? cause.Message : code switch
        {
            // A path that is not there is no address to the runtime library.
            SocketError.AddressNotAvailable when isSocket => $"{where} is not there: {Start}",
            SocketError.AccessDenied when isSocket => $"{where} may not be opened: run the node as root or as a member of the socket's group",
            SocketError.ConnectionRefused => $"nobody listens at {where}: {Start}",
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => $"the name in {where} is not known: correct --docker-host",
            _ => engine is null ? cause.Message : $"{where}: {cause.Message}",
        };
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
