using System.Net.Sockets;

namespace Orchestrator.Node.Docker;

/// <summary>Describes why the engine is unavailable and what to do about it. Pure.</summary>
internal static class EngineFault
{
    private const string Start = "start Docker, or set its address with --docker-host";

    /// <param name="fault">The exception of a call to the engine.</param>
    /// <param name="engine">Address of the engine; null if it is not known.</param>
    public static string Sentence(Exception fault, Uri? engine = null)
    {
        var cause = Innermost(fault);
        var isSocket = engine is null or { Scheme: "unix" };
        var where = engine is null ? "its socket" : isSocket ? $"the socket {engine.AbsolutePath}" : engine.Authority;
        return cause is not SocketException { SocketErrorCode: var code } ? cause.Message : code switch
        {
            // .NET reports a missing socket file as AddressNotAvailable.
            SocketError.AddressNotAvailable when isSocket => $"{where} does not exist: {Start}",
            SocketError.AccessDenied when isSocket => $"permission denied to open {where}: run the node as root or as a member of the group of the socket",
            SocketError.ConnectionRefused => $"connection to {where} refused: {Start}",
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => $"the host name in {where} cannot be resolved: correct --docker-host",
            _ => engine is null ? cause.Message : $"{where}: {cause.Message}",
        };
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
