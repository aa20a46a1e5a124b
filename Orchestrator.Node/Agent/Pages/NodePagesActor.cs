using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Node.Policies;
using Orchestrator.Node.Proxy;
using Microsoft.AspNetCore.WebUtilities;

namespace Orchestrator.Node.Agent.Pages;

/// <summary>Answers requests for the pages of a node, like the kubelet's server. A child of the agent, which adds its pods to each request.</summary>
/// <remarks>What takes long is bounded: what pods take of the disk is counted once a minute at most, and a page is shown without it if that takes more than five seconds.</remarks>
internal sealed class NodePagesActor : ReceiveActor
{
    private const int MostBytes = 8 << 20;
    private const string Json = "application/json";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DiskBound = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan DiskPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DiskAge = TimeSpan.FromMinutes(1);
    private readonly AgentServices _services;
    private readonly IActorRef _agent = Context.Parent;
    private readonly CancellationTokenSource _stopping = new();
    private Task<IReadOnlyDictionary<string, PodUse>>? _disks;
    private long _disksSince;

    public NodePagesActor(AgentServices services)
    {
        _services = services;
        Receive<Asked>(asked =>
        {
            var disks = asked.Page is { Path: "/stats/summary", Query: var query } && !query.Contains("only_cpu_and_memory=true", StringComparison.Ordinal) ? CountedAsync(asked.Pods) : null;
            AnswerAsync(asked, disks).PipeTo(Sender, Self, failure: e => Text(500, e is OperationCanceledException or TimeoutException ? "the node could not read it in time\n" : $"{e.Message}\n"));
        });
    }

    public static Props Props(AgentServices services) => Akka.Actor.Props.Create(() => new NodePagesActor(services));

    /// <inheritdoc/>
    protected override void PostStop() => _stopping.Cancel();

    private async Task<NodePage> AnswerAsync(Asked asked, Task<IReadOnlyDictionary<string, PodUse>>? disks)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        bound.CancelAfter(Bound);
        var page = asked.Page.Path switch
        {
            "/healthz" or "/healthz/ping" or "/healthz/syncloop" => Text(200, "ok"),
            "/pods" => Document(Pods(asked.Pods)),
            "/configz" => Document(NodeConfiguration.Of(_services)),
            "/stats/summary" => await SummaryAsync(asked.Pods, disks, bound.Token).ConfigureAwait(false),
            "/metrics" => Metrics(_services.Metrics is { } export ? await export(bound.Token).ConfigureAwait(false) : ""),
            "/metrics/resource" => await StatsAsync(asked.Pods, bound.Token).ConfigureAwait(false) is { } stats ? Metrics(NodeMetricPages.Resource(stats.Now, asked.Pods)) : Unmeasured,
            "/metrics/cadvisor" => await StatsAsync(asked.Pods, bound.Token).ConfigureAwait(false) is { } stats ? Metrics(NodeMetricPages.Containers(stats.Now, asked.Pods, _services.Host())) : Unmeasured,
            "/metrics/probes" => Metrics(NodeMetricPages.Probes(_services.Probes.Of(asked.Pods.Select(p => p.Uid).ToHashSet()), asked.Pods)),
            var path when path.StartsWith("/network/", StringComparison.Ordinal) => await NetworkAsync(path, asked.Page.Query, bound.Token).ConfigureAwait(false),
            _ => NotFound,
        };
        return page.Body.Length <= MostBytes ? page : Text(500, $"the page has more than {MostBytes >> 20} MiB\n");
    }

    private async Task<NodePage> NetworkAsync(string path, string query, CancellationToken cancellation)
    {
        var values = QueryHelpers.ParseQuery(query);
        return path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            [_, "services", var ns, var name] => Document(NetworkPages.Of(await _agent.Ask<ServiceProxyActor.Shown>(new ServiceProxyActor.Show(ns, name), cancellation).ConfigureAwait(false))),
            [_, "pods", var ns, var name] => Document(NetworkPages.Of(await _agent.Ask<PolicyActor.Judgement>(
                new PolicyActor.Judge(PodDefinition.Instance.Key(ns, name), Value("from") is not null, Value("from") ?? Value("to"), Value("protocol") ?? "TCP",
                    int.TryParse(Value("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0), cancellation).ConfigureAwait(false))),
            _ => NotFound,
        };

        string? Value(string key) => values.TryGetValue(key, out var given) ? given.FirstOrDefault() : null;
    }

    private async Task<NodePage> SummaryAsync(IReadOnlyCollection<KubeObject> pods, Task<IReadOnlyDictionary<string, PodUse>>? disks, CancellationToken cancellation)
    {
        if (await StatsAsync(pods, cancellation).ConfigureAwait(false) is not { } stats)
        {
            return Unmeasured;
        }

        var free = _services.Eviction is { } eviction ? await eviction.Sampler.SampleAsync(cancellation).ConfigureAwait(false) : null;
        IReadOnlyDictionary<string, PodUse>? counted = null;
        if (disks is not null && await Task.WhenAny(disks, Task.Delay(DiskPatience, cancellation)).ConfigureAwait(false) == disks && disks.IsCompletedSuccessfully)
        {
            counted = await disks.ConfigureAwait(false);
        }

        return Document(SummaryPage.Of(new SummaryFacts(_services.Node, pods, stats.Before, stats.Now, _services.Usage!.Resolution, free, counted)));
    }

    // As of the last sample; before the first one, as of now.
    private async Task<LatestStats.Pair?> StatsAsync(IReadOnlyCollection<KubeObject> pods, CancellationToken cancellation) =>
        _services.Usage is not { } usage ? null
            : _services.Stats.Value ?? new LatestStats.Pair(null, await usage.Stats.StatsAsync(pods, cancellation).WaitAsync(cancellation).ConfigureAwait(false));

    private Task<IReadOnlyDictionary<string, PodUse>>? CountedAsync(IReadOnlyCollection<KubeObject> pods)
    {
        if (_services.Eviction is not { } eviction)
        {
            return null;
        }

        if (_disks is null || (_disks.IsCompleted && _services.Time.GetElapsedTime(_disksSince) >= DiskAge))
        {
            _disksSince = _services.Time.GetTimestamp();
            _disks = CountAsync(eviction.Meter, pods);
        }

        return _disks;
    }

    private async Task<IReadOnlyDictionary<string, PodUse>> CountAsync(IPodMeter meter, IReadOnlyCollection<KubeObject> pods)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        bound.CancelAfter(DiskBound);
        return await meter.DiskAsync(pods, bound.Token).WaitAsync(bound.Token).ConfigureAwait(false);
    }

    private static NodePage NotFound => Text(404, "404 page not found\n");

    private static NodePage Unmeasured => Text(503, "the runtime of the node does not say what containers use\n");

    private static NodePage Text(int status, string text) => new(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));

    private static NodePage Metrics(string text) => new(200, MetricText.ContentType, Encoding.UTF8.GetBytes(text));

    private static NodePage Document(JsonObject document) => new(200, Json, Encoding.UTF8.GetBytes(document.ToJsonString()));

    private static JsonObject Pods(IEnumerable<KubeObject> pods) => new()
    {
        ["kind"] = "PodList",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. pods.OrderBy(p => (p.Namespace, p.Name)).Select(p => p.ToNode())]),
    };

    /// <summary>A request with the pods of the node.</summary>
    internal sealed record Asked(GetNodePage Page, IReadOnlyCollection<KubeObject> Pods);
}
