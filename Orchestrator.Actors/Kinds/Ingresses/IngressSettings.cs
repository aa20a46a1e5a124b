using System.Collections.Immutable;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Kinds.Ingresses;

/// <summary>How the backends of an Ingress are spoken to.</summary>
public enum BackendProtocol
{
    /// <summary>HTTP/1.1 without TLS.</summary>
    Http,

    /// <summary>HTTP/2 without TLS, as gRPC needs it.</summary>
    Http2,

    /// <summary>TLS, with HTTP/2 if the backend has it.</summary>
    Https,
}

/// <summary>What the annotations of an Ingress say of its requests. Pure.</summary>
public sealed record IngressSettings
{
    private const string Prefix = "orchestrator.io/";
    private const string ReadTimeoutName = "read-timeout";
    private const string ConnectTimeoutName = "connect-timeout";
    private const string MaxBodySizeName = "max-body-size";
    private const string RedirectName = "ssl-redirect";
    private const string ProtocolName = "backend-protocol";

    /// <summary>The annotations.</summary>
    public static readonly ImmutableArray<string> Annotations = [.. ((string[])[ReadTimeoutName, ConnectTimeoutName, MaxBodySizeName, RedirectName, ProtocolName]).Select(n => Prefix + n)];

    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>What holds without annotations.</summary>
    public static readonly IngressSettings Usual = new();

    /// <summary>How long a backend may send nothing and take nothing.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long it may take to connect to an endpoint.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Size of the largest body of a request, in bytes; null for any.</summary>
    public long? MaxBodySize { get; init; }

    /// <summary>Whether requests without TLS are redirected, for hosts that have a certificate.</summary>
    public bool RedirectsToTls { get; init; } = true;

    /// <summary>How backends are spoken to; null if the port of the service says it.</summary>
    public BackendProtocol? Protocol { get; init; }

    /// <summary>Reads annotations. A value that is none is not heeded.</summary>
    /// <returns>The settings, and what is wrong with which annotation.</returns>
    public static (IngressSettings Settings, IReadOnlyList<(string Annotation, string Fault)> Faults) Read(IEnumerable<KeyValuePair<string, string>>? annotations)
    {
        var (settings, faults) = (Usual, new List<(string, string)>());
        foreach (var (key, value) in annotations ?? [])
        {
            var (changed, fault) = !key.StartsWith(Prefix, StringComparison.Ordinal) ? (settings, null) : key[Prefix.Length..] switch
            {
                ReadTimeoutName => Changed(settings, Duration(value), (s, d) => s with { ReadTimeout = d }, "must be a time above 0 and up to 24h, in seconds or such as 1m30s"),
                ConnectTimeoutName => Changed(settings, Duration(value), (s, d) => s with { ConnectTimeout = d }, "must be a time above 0 and up to 24h, in seconds or such as 500ms"),
                MaxBodySizeName => Changed(settings, Bytes(value), (s, b) => s with { MaxBodySize = b == 0 ? null : b }, "must be a number of bytes such as 8Mi, or 0 for any"),
                RedirectName => Changed(settings, value switch { "true" => true, "false" => false, _ => (bool?)null }, (s, b) => s with { RedirectsToTls = b }, "must be \"true\" or \"false\""),
                ProtocolName => Changed(settings, ProtocolOf(value), (s, p) => s with { Protocol = p }, "must be HTTP, HTTP2, GRPC or HTTPS"),
                _ => (settings, null),
            };
            settings = changed;
            if (fault is not null)
            {
                faults.Add((key, $"\"{value}\" {fault}"));
            }
        }

        return (settings, faults);
    }

    private static (IngressSettings, string?) Changed<T>(IngressSettings settings, T? value, Func<IngressSettings, T, IngressSettings> with, string rule) where T : struct =>
        value is { } given ? (with(settings, given), null) : (settings, rule);

    private static TimeSpan? Duration(string text) =>
        (PlainNumber.Read(text) is { } seconds && seconds <= Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : GoDuration.Read(text))
            is { } time && time > TimeSpan.Zero && time <= Longest ? time : null;

    private static long? Bytes(string text) => Quantity.Read(text) is { IsWhole: true, Nanos: var nanos } && nanos >= 0 ? (long)(nanos / 1_000_000_000) : null;

    private static BackendProtocol? ProtocolOf(string text) => text switch
    {
        "HTTP" => BackendProtocol.Http,
        "HTTP2" or "GRPC" => BackendProtocol.Http2,
        "HTTPS" => BackendProtocol.Https,
        _ => null,
    };
}
