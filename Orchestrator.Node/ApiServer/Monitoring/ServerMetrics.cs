using System.Diagnostics.Metrics;
using System.Globalization;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.ApiServer.Requests;
using Prometheus;

namespace Orchestrator.Node.ApiServer.Monitoring;

/// <summary>The figures behind <c>/metrics</c>. Names that Kubernetes has mean the same here. Lives as long as the process.</summary>
internal sealed class ServerMetrics
{
    private static readonly string[] Phases = ["Pending", "Running", "Succeeded", "Failed", "Unknown"];
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly MeterListener _listener = new();
    private readonly Counter _requests;
    private readonly Histogram _durations;
    private readonly Gauge _running;
    private readonly Counter _events;
    private readonly Histogram _batches;
    private readonly Gauge _entities;
    private readonly Gauge _revision;
    private readonly Gauge _objects;
    private readonly Gauge _pods;

    public ServerMetrics()
    {
        var make = Metrics.WithCustomRegistry(_registry);
        DotNetStats.Register(_registry);
        _requests = make.CreateCounter("apiserver_request_total", "Requests answered.", "verb", "resource", "subresource", "code");
        _durations = make.CreateHistogram("apiserver_request_duration_seconds", "Time to answer a request; watches and followed logs are not in it.",
            ["verb", "resource"], new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.001, 2, 14) });
        _running = make.CreateGauge("apiserver_current_inflight_requests", "Requests that are being answered, watches among them.");
        _events = make.CreateCounter("orchestrator_journal_events_total", "Events that this host has made durable.");
        _batches = make.CreateHistogram("orchestrator_journal_batch_seconds", "Time to make a batch of events durable.",
            new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.0005, 2, 14) });
        _entities = make.CreateGauge("orchestrator_entities", "Objects that live as an entity in the memory of this host.");
        _revision = make.CreateGauge("orchestrator_cache_revision", "Highest revision of the journal that the cache has folded in.");
        _objects = make.CreateGauge("apiserver_storage_objects", "Objects of a resource.", "resource");
        _pods = make.CreateGauge("orchestrator_pods", "Pods by phase.", "phase");
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Instruments.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, value, _, _) => _batches.Observe(value));
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            if (instrument == Instruments.Events)
            {
                _events.Inc(value);
            }
            else
            {
                _entities.Inc(value);
            }
        });
        _listener.Start();
    }

    /// <summary>A request has begun.</summary>
    public void Begun() => _running.Inc();

    /// <summary>A request has ended.</summary>
    public void Ended(HttpContext http, ResourcePath? path, TimeSpan took)
    {
        _running.Dec();
        var verb = Verb(http, path);
        var resource = path?.Kind.Plural ?? "";
        _requests.WithLabels(verb, resource, path?.Subresource ?? "", http.Response.StatusCode.ToString(CultureInfo.InvariantCulture)).Inc();
        if (verb != "WATCH" && !(path?.Subresource == "log" && http.Request.Query["follow"] == "true"))
        {
            _durations.WithLabels(verb, resource).Observe(took.TotalSeconds);
        }
    }

    /// <summary>Answers <c>/metrics</c>: all figures in the text format of Prometheus.</summary>
    public Task HandleAsync(HttpContext http, IObjectCache cache)
    {
        var revision = 0L;
        foreach (var kind in cache.Registry.All)
        {
            var snapshot = cache.Snapshot(kind);
            revision = Math.Max(revision, snapshot.Revision);
            _objects.WithLabels(kind.Resource).Set(snapshot.Objects.Count);
        }

        _revision.Set(revision);
        var phases = cache.Snapshot(PodDefinition.Instance).Objects.Values.CountBy(p => p.Phase ?? "Pending").ToDictionary();
        foreach (var phase in Phases)
        {
            _pods.WithLabels(phase).Set(phases.GetValueOrDefault(phase));
        }

        http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return _registry.CollectAndExportAsTextAsync(http.Response.Body, http.RequestAborted);
    }

    private static string Verb(HttpContext http, ResourcePath? path) => (http.Request.Method, path?.Name) switch
    {
        ("GET", null) when path is not null => Queries.IsWatch(http) ? "WATCH" : "LIST",
        ("DELETE", null) when path is not null => "DELETECOLLECTION",
        ("GET" or "POST" or "PUT" or "PATCH" or "DELETE" or "HEAD", _) => http.Request.Method,
        _ => "OTHER",
    };
}
