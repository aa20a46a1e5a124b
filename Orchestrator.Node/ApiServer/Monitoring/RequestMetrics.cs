using System.Globalization;
using Orchestrator.Node.ApiServer.Discovery;
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
        "Watches, followed logs and connections to pods that are being answered.", ["verb", "resource", "subresource"]);

    /// <summary>A request has begun.</summary>
    public void Begun(HttpContext http, RequestInfo request) => UnderWay(http, request).Inc();

    /// <summary>A request has ended.</summary>
    public void Ended(HttpContext http, RequestInfo request, TimeSpan took)
    {
        UnderWay(http, request).Dec();
        var verb = Verb(request);
        var resource = request.Resource?.Kind.Resource ?? "";
        _requests.WithLabels([verb, resource, request.Resource?.Subresource ?? "", Codes[http.Response.StatusCode]]).Inc();
        if (!IsLongRunning(http, request))
        {
            _durations.WithLabels([verb, resource]).Observe(took.TotalSeconds);
        }
    }

    private Gauge.Child UnderWay(HttpContext http, RequestInfo request) => IsLongRunning(http, request)
        ? _longRunning.WithLabels([Verb(request), request.Kind.Resource, request.Path.Subresource])
        : _inFlight.WithLabels([request.Verb is "get" or "list" or "watch" or "head" ? "readOnly" : "mutating"]);

    private static bool IsLongRunning(HttpContext http, RequestInfo request) => request.Resource is { } resource
        && (request.Verb == "watch" || Subresources.IsConnection(resource.Subresource) || (request.Verb == "get" && resource.Subresource == "log" && http.Request.Query["follow"] is ["true" or "1"]));

    // The words of Kubernetes' metrics. A method of the client's own making would be a label of its own.
    private static string Verb(RequestInfo request) => request.Resource is { } resource && Subresources.IsConnection(resource.Subresource) ? "CONNECT" : request.Verb switch
    {
        "get" => "GET",
        "list" => "LIST",
        "watch" => "WATCH",
        "create" or "post" => "POST",
        "update" or "put" => "PUT",
        "patch" => "PATCH",
        "delete" => "DELETE",
        "deletecollection" => "DELETECOLLECTION",
        "head" => "HEAD",
        _ => "OTHER",
    };
}
