using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Scheduling.Constraints;
using Orchestrator.Actors.Scheduling.Volumes;
using k8s;
using k8s.Models;

namespace Orchestrator.Actors.Scheduling;

/// <summary>A host port that a pod uses on its node.</summary>
internal readonly record struct HostPort(string Ip, string Protocol, int Port)
{
    public bool Conflicts(HostPort other) => Port == other.Port && Protocol == other.Protocol
        && (Ip == other.Ip || Ip == "0.0.0.0" || other.Ip == "0.0.0.0");
}

/// <summary>The properties of a pod that the scheduler uses, computed once (Kubernetes: the scheduler framework's <c>PodInfo</c>).</summary>
internal sealed record PodInfo
{
    private const char Separator = '\u001f';
    private static readonly ConditionalWeakTable<V1PodSpec, PodInfo> Classes = [];

    public required string Uid { get; init; }
    public required string Namespace { get; init; }
    public required string Name { get; init; }
    public string? OwnerUid { get; init; }
    public string? NodeName { get; init; }
    public int Priority { get; init; }
    public ResourceVector Requests { get; init; }
    public IReadOnlyList<HostPort> Ports { get; init; } = [];
    public IReadOnlyList<V1Toleration> Tolerations { get; init; } = [];
    public IReadOnlyList<KeyValuePair<string, string>> NodeSelector { get; init; } = [];
    public V1NodeAffinity? NodeAffinity { get; init; }

    /// <summary>Its labels.</summary>
    public FrozenDictionary<string, string> Labels { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>What it demands of the pods of other nodes.</summary>
    public PodConstraints Constraints { get; init; } = PodConstraints.None;

    /// <summary>Whether it is on its way out.</summary>
    public bool IsDeleting { get; init; }

    /// <summary>Whether pods of lower priority may have to go for it (field <c>preemptionPolicy</c>).</summary>
    public bool Preempts { get; init; } = true;

    /// <summary>The node that is being freed for it; null for none.</summary>
    public string? NominatedNode { get; init; }

    /// <summary>What its claims demand of its node; null if it has none.</summary>
    public PodVolumes? Volumes { get; init; }

    /// <summary>Whether only room is kept for it: it demands what it demands of others, and is no neighbour to them yet.</summary>
    public bool IsExpected { get; init; }

    /// <summary>Names of its images, each with a tag or digest.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    private string ConstraintText { get; init; } = "";

    /// <summary>Equal for pods that every filter and scorer of single nodes treats alike, such as the replicas of one replica set.</summary>
    public string Signature { get; init; } = "";

    /// <summary>The info of a pod. The part that replicas have in common is computed once and shared.</summary>
    public static PodInfo Of(KubeObject pod)
    {
        var spec = PodSpecs.Of(pod);
        var owner = pod.Controller?.Uid;
        if (!Classes.TryGetValue(spec, out var common) || common.OwnerUid != owner)
        {
            common = Signed(Read(new V1ObjectMeta(), spec) with { OwnerUid = owner });
            Classes.AddOrUpdate(spec, common);
        }

        var info = common with
        {
            Uid = pod.Uid,
            Namespace = pod.Namespace,
            Name = pod.Name,
            NodeName = pod.NodeName,
            Labels = pod.Labels,
            IsDeleting = pod.IsDeleting,
            Constraints = PodConstraints.Of(spec, pod.Namespace, pod.Labels),
        };

        // Which claims they are is in the spec, but not whose, and an ephemeral volume has one for each pod.
        return PodVolumes.Has(pod) ? info with { Signature = $"{info.Signature}{Separator}{pod.Namespace}/{pod.Name}" } : info;
    }

    public static PodInfo From(V1Pod pod)
    {
        var labels = (pod.Metadata.Labels ?? new Dictionary<string, string>()).ToFrozenDictionary();
        return Signed(Read(pod.Metadata, pod.Spec)) with { Labels = labels, Constraints = PodConstraints.Of(pod.Spec, pod.Metadata.NamespaceProperty ?? "", labels) };
    }

    private static PodInfo Signed(PodInfo info) => info with { Signature = SignatureOf(info) };

    private static PodInfo Read(V1ObjectMeta meta, V1PodSpec spec) => new()
    {
        Uid = meta.Uid ?? $"{meta.NamespaceProperty}/{meta.Name}",
        Namespace = meta.NamespaceProperty ?? "",
        Name = meta.Name ?? "",
        OwnerUid = meta.OwnerReferences?.FirstOrDefault(o => o.Controller == true)?.Uid,
        NodeName = string.IsNullOrEmpty(spec.NodeName) ? null : spec.NodeName,
        Priority = spec.Priority ?? 0,
        Requests = RequestsOf(spec),
        Ports = PortsOf(spec),
        Tolerations = [.. spec.Tolerations ?? []],
        NodeSelector = [.. (spec.NodeSelector ?? new Dictionary<string, string>()).OrderBy(p => p.Key, StringComparer.Ordinal)],
        NodeAffinity = spec.Affinity?.NodeAffinity,
        Preempts = spec.PreemptionPolicy != "Never",
        Images = [.. (spec.InitContainers ?? []).Concat(spec.Containers ?? []).Select(c => Tagged(c.Image ?? ""))],
        ConstraintText = PodConstraints.IsIn(spec) ? KubernetesJson.Serialize(new { spec.Affinity?.PodAffinity, spec.Affinity?.PodAntiAffinity, spec.TopologySpreadConstraints }) : "",
    };

    private static string Tagged(string image) => image.LastIndexOf(':') > image.LastIndexOf('/') ? image : $"{image}:latest";

    private static ResourceVector RequestsOf(V1PodSpec spec)
    {
        ResourceVector running = default, peak = default;
        foreach (var init in spec.InitContainers ?? [])
        {
            var request = RequestsOf(init);
            peak = ResourceVector.Max(peak, running + request);
            if (init.IsSidecar())
            {
                running += request;
            }
        }

        foreach (var container in spec.Containers ?? [])
        {
            running += RequestsOf(container);
        }

        return ResourceVector.Max(running, peak) + ResourceVector.From(spec.Overhead, roundUp: true) with { Pods = 1 };
    }

    private static ResourceVector RequestsOf(V1Container container)
    {
        var requests = ResourceVector.From(container.Resources?.Requests, roundUp: true);
        var limits = ResourceVector.From(container.Resources?.Limits, roundUp: true);
        var given = container.Resources?.Requests;
        bool Lacks(string name) => given is null || !given.ContainsKey(name);
        return new ResourceVector(
            Lacks("cpu") ? limits.Cpu : requests.Cpu,
            Lacks("memory") ? limits.Memory : requests.Memory,
            0,
            Lacks("ephemeral-storage") ? limits.Storage : requests.Storage);
    }

    private static HostPort[] PortsOf(V1PodSpec spec) =>
    [
        .. (spec.Containers ?? []).Concat(spec.Sidecars())
            .SelectMany(c => c.Ports ?? [])
            .Select(p => (Port: p, Number: p.HostPort ?? (spec.HostNetwork == true ? p.ContainerPort : 0)))
            .Where(p => p.Number > 0)
            .Select(p => new HostPort(
                string.IsNullOrEmpty(p.Port.HostIP) ? "0.0.0.0" : p.Port.HostIP, p.Port.Protocol ?? "TCP", p.Number)),
    ];

    private static string SignatureOf(PodInfo pod)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{pod.OwnerUid}{Separator}{pod.NodeName}{Separator}{pod.Priority}{Separator}");
        text.Append(CultureInfo.InvariantCulture, $"{pod.Requests.Cpu},{pod.Requests.Memory},{pod.Requests.Storage}{Separator}");
        text.AppendJoin(',', pod.Ports.Select(p => $"{p.Ip}/{p.Protocol}/{p.Port}")).Append(Separator);
        text.AppendJoin(',', pod.Tolerations.Select(t => $"{t.Key}={t.OperatorProperty}={t.Value}={t.Effect}")).Append(Separator);
        text.AppendJoin(',', pod.NodeSelector.Select(p => $"{p.Key}={p.Value}")).Append(Separator);
        text.AppendJoin(',', pod.Images).Append(Separator).Append(pod.Preempts ? "" : "Never").Append(Separator).Append(pod.ConstraintText).Append(Separator);
        return text.Append(pod.NodeAffinity is null ? "" : KubernetesJson.Serialize(pod.NodeAffinity)).ToString();
    }
}
