using System.Globalization;
using Orchestrator.Node.ApiServer.Requests;
using Prometheus;

namespace Orchestrator.Node.ApiServer.Monitoring;

/// <summary>Counts and times requests under the names and labels of Kubernetes' API server.</summary>
internal sealed class RequestMetrics(IMetricFactory metrics)
{
    private static readonly string[] Codes = [.. Enumerable.Range(0, 600).Select(c => c.ToString(CultureInfo.InvariantCulture))];

    private readonly Counter _requests = metrics.CreateCounter("apiserver_request_total", "Requests answered.", ["verb", "resource", "subresource", "code"]);

    private readonly Histogram _durations = metrics.CreateHistogram("apiserver_request_duration_seconds",
        "Time to answer a request; long-running ones are not in it.", ["verb", "resource"], new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.001, 2, 14) });

    private readonly Gauge _inFlight = metrics.CreateGauge("apiserver_current_inflight_requests",
        "Requests that are being answered: mutating or readOnly; long-running ones are not in it.", ["request_kind"]);

    private readonly Gauge _longRunning = metrics.CreateGauge("apiserver_longrunning_requests",
        "Watches and followed logs that are being answered.", ["verb", "resource", "subresource"]);

    /// <summary>A request has begun.</summary>
    public void Begun(HttpContext http, ResourcePath? path) => UnderWay(http, path).Inc();

    /// <summary>A request has ended.</summary>
    public void Ended(HttpContext http, ResourcePath? path, TimeSpan took)
    {
        UnderWay(http, path).Dec();
        var verb = Verb(http, path);
        var resource = path?.Kind.Plural ?? "";
        _requests.WithLabels([verb, resource, path?.Subresource ?? "", Codes[http.Response.StatusCode]]).Inc();
        if (!IsLongRunning(http, path))
        {
            _durations.WithLabels([verb, resource]).Observe(took.TotalSeconds);
        }
    }

    private Gauge.Child UnderWay(HttpContext http, ResourcePath? path) => IsLongRunning(http, path)
        ? _longRunning.WithLabels([Verb(http, path), path!.Kind.Plural, path.Subresource])
        : _inFlight.WithLabels([HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) ? "readOnly" : "mutating"]);

    private static bool IsLongRunning(HttpContext http, ResourcePath? path) => path is not null && HttpMethods.IsGet(http.Request.Method)
        && (path is { Name: null } ? Queries.IsWatch(http) : path.Subresource == "log" && http.Request.Query["follow"] is ["true" or "1"]);

    // A method of the client's own making would be a label of its own.
    private static string Verb(HttpContext http, ResourcePath? path) => (http.Request.Method, path?.Name) switch
    {
        ("GET", null) when path is not null => Queries.IsWatch(http) ? "WATCH" : "LIST",
        ("DELETE", null) when path is not null => "DELETECOLLECTION",
        ("GET" or "POST" or "PUT" or "PATCH" or "DELETE" or "HEAD", _) => http.Request.Method,
        _ => "OTHER",
    };
}
