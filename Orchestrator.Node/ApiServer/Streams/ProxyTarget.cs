using System.Globalization;
using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary>What the name of a proxied object says: <c>NAME</c>, <c>NAME:PORT</c> or <c>SCHEME:NAME:PORT</c>.</summary>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Name">Name of the object.</param>
/// <param name="Port">The port, by number or name; empty for the usual one.</param>
internal sealed record ProxyTarget(string Scheme, string Name, string Port)
{
    // /api/v1/namespaces/NS/pods/NAME/proxy
    private const int Segments = 7;

    /// <summary>The number of the port, where it can have no name; null for the usual one.</summary>
    /// <exception cref="ApiException">It is none.</exception>
    public int? Number => Port.Length == 0 ? null : int.TryParse(Port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= ushort.MaxValue
        ? number : throw new ApiException(ApiReason.BadRequest, $"invalid request for port \"{Port}\" of {Name}: it must be NAME, NAME:PORT or https:NAME:PORT, where PORT is a number");

    /// <summary>Reads a name.</summary>
    /// <exception cref="ApiException">It is none of the three forms.</exception>
    public static ProxyTarget Of(string name)
    {
        var parts = name.Split(':');
        var target = parts switch
        {
            [var n] => new ProxyTarget("http", n, ""),
            [var n, var p] => new ProxyTarget("http", n, p),
            [var s, var n, var p] => new ProxyTarget(s is "" ? "http" : s, n, p),
            _ => null,
        };
        return target is { Scheme: "http" or "https", Name.Length: > 0 } ? target
            : throw new ApiException(ApiReason.BadRequest, $"invalid name \"{name}\": it must be NAME, NAME:PORT or https:NAME:PORT");
    }

    /// <summary>Returns what stands before the path that is passed on, up to <c>/proxy</c>.</summary>
    public static string Prefix(string route) => string.Join('/', route.Split('/').Take(Segments + 1));

    /// <summary>Returns what follows the object in the target of a request, as the client wrote it: path and query; without a path, the query alone or nothing.</summary>
    public static string Rest(string rawTarget)
    {
        var at = 0;
        for (var i = 0; i < Segments && at >= 0; i++)
        {
            at = rawTarget.IndexOf('/', at + (i == 0 ? 0 : 1));
        }

        var end = at < 0 ? -1 : rawTarget.IndexOfAny(['/', '?'], at + 1);
        return end < 0 ? "" : rawTarget[end..];
    }
}
