using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.HorizontalPodAutoscalers;

/// <summary>Autoscalers, and the pods that they look at.</summary>
internal static class Autoscaled
{
    /// <summary>The present.</summary>
    public static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 0, TimeSpan.Zero);

    /// <summary>A pod that has run and been ready for an hour. It uses thousandths of a core (null: it has no metrics) of those that it requests (null: it requests none).</summary>
    public static AutoscaledPod Pod(string name, long? uses, long? requests = 100, Action<JsonObject>? change = null, string container = "main")
    {
        var o = (JsonObject)JsonNode.Parse($$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"default","uid":"{{name}}","labels":{"app":"web"} },
             "spec":{"containers":[{"name":"{{container}}","image":"i","resources":{ {{(requests is { } milli ? $"\"requests\":{{\"cpu\":\"{milli}m\",\"memory\":\"{milli}\"}}" : "")}} } }]},
             "status":{"phase":"Running","startTime":"{{KubeTime.Text(Now.AddHours(-1))}}","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"{{KubeTime.Text(Now.AddHours(-1))}}"}]} }
            """)!;
        change?.Invoke(o);
        var pod = KubeObject.From(PodDefinition.Instance, o);
        return new AutoscaledPod(PodOutline.Of(pod), PodSpecs.Of(pod), uses is { } used ? Usage(name, used, container) : null);
    }

    /// <summary>What a pod uses: thousandths of a core, and as many bytes.</summary>
    public static PodUsage Usage(string name, long milli, string container = "main") =>
        new(name, [new ContainerUsage(container, new ResourceUsage(Now, TimeSpan.FromSeconds(15), milli * 1_000_000, milli))]);

    /// <summary>Pods that use as much of 100 thousandths of a core each.</summary>
    public static AutoscaledPod[] Using(params ReadOnlySpan<long> uses)
    {
        var pods = new AutoscaledPod[uses.Length];
        for (var i = 0; i < uses.Length; i++)
        {
            pods[i] = Pod($"web-{i.ToString(CultureInfo.InvariantCulture)}", uses[i]);
        }

        return pods;
    }

    /// <summary>Changes a pod: it has not been ready since, or became ready, some seconds ago; it started some seconds ago.</summary>
    public static Action<JsonObject> Since(bool isReady, int changedSecondsAgo, int startedSecondsAgo) => o =>
    {
        o["status"]!["startTime"] = KubeTime.Text(Now.AddSeconds(-startedSecondsAgo));
        o["status"]!["conditions"]![0]!["status"] = isReady ? "True" : "False";
        o["status"]!["conditions"]![0]!["lastTransitionTime"] = KubeTime.Text(Now.AddSeconds(-changedSecondsAgo));
    };

    /// <summary>Changes a pod: its phase.</summary>
    public static Action<JsonObject> Phase(string phase) => o => o["status"]!["phase"] = phase;

    /// <summary>Changes a pod: it is being deleted.</summary>
    public static void Deleted(JsonObject o) => o["metadata"]!["deletionTimestamp"] = KubeTime.Text(Now);

    /// <summary>A target with as many replicas as pods, or another number.</summary>
    public static ScaleTarget Target(IReadOnlyList<AutoscaledPod> pods, int? replicas = null) => new("default", null, new Scale(replicas ?? pods.Count, pods.Count, "app=web"), pods, null);

    /// <summary>An autoscaler with these fields besides its target: 50 % of CPU, 1 to 10 replicas if they do not say otherwise.</summary>
    public static V2HorizontalPodAutoscaler Autoscaler(string spec = "{}")
    {
        var o = (JsonObject)JsonNode.Parse($$"""
            {"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"web","namespace":"default","uid":"h","generation":1},
             "spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},"minReplicas":1,"maxReplicas":10,"metrics":[{"type":"Resource","resource":{"name":"cpu",
              "target":{"type":"Utilization","averageUtilization":50} } }]} }
            """)!;
        foreach (var (field, value) in (JsonObject)JsonNode.Parse(spec)!)
        {
            o["spec"]![field] = value?.DeepClone();
        }

        HorizontalPodAutoscalerDefinition.Instance.Strategy.Default(o);
        return KubeObject.From(HorizontalPodAutoscalerDefinition.Instance, o).As<V2HorizontalPodAutoscaler>();
    }
}
