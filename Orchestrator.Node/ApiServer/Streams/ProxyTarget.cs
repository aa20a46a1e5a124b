using System.Globalization;
using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary>What the name of a proxied pod says: <c>NAME</c>, <c>NAME:PORT</c> or <c>SCHEME:NAME:PORT</c>.</summary>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Name">Name of the pod.</param>
/// <param name="Port">The port; null for the first one that the pod declares.</param>
internal sealed record ProxyTarget(string Scheme, string Name, int? Port)
{
    // /api/v1/namespaces/NS/pods/NAME/proxy
    private const int Segments = 7;

    /// <summary>Reads a name.</summary>
    /// <exception cref="ApiException">It is none of the three forms.</exception>
    public static ProxyTarget Of(string name)
    {
        var parts = name.Split(':');
        var (scheme, pod, port) = parts switch
        {
            [var n] => ("http", n, ""),
            [var n, var p] => ("http", n, p),
            [var s, var n, var p] => (s is "" ? "http" : s, n, p),
            _ => ("", "", ""),
        };
        return scheme is not ("http" or "https") || pod.Length == 0 || !IsPort(port, out var number)
            ? throw new ApiException(ApiReason.BadRequest, $"invalid pod request \"{name}\": it must be NAME, NAME:PORT or https:NAME:PORT, where PORT is a number")
            : new ProxyTarget(scheme, pod, number);
    }

    /// <summary>Returns what stands before the path of the pod, up to <c>/proxy</c>.</summary>
    public static string Prefix(string route) => string.Join('/', route.Split('/').Take(Segments + 1));

    /// <summary>Returns what follows the pod in the target of a request, as the client wrote it: path and query; null if nothing does, not even a slash.</summary>
    public static string? Rest(string rawTarget)
    {
        var at = 0;
        for (var i = 0; i < Segments && at >= 0; i++)
        {
            at = rawTarget.IndexOf('/', at + (i == 0 ? 0 : 1));
        }

        var end = at < 0 ? -1 : rawTarget.IndexOfAny(['/', '?'], at + 1);
        return end < 0 ? null : rawTarget[end] == '?' ? "/" + rawTarget[end..] : rawTarget[end..];
    }

    private static bool IsPort(string text, out int? port)
    {
        port = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        return text.Length == 0 || port is > 0 and <= ushort.MaxValue;
    }
}
