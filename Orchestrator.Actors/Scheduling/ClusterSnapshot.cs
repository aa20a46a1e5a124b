using System.Collections.Frozen;
using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Scheduling;

/// <summary>A node and its pods. <see cref="Known"/> is false while only pods bound to the node have been seen.</summary>
internal sealed record NodeSnapshot(string Name)
{
    public bool Known { get; init; }
    public bool Unschedulable { get; init; }
    public ResourceVector Allocatable { get; init; }
    public ResourceVector Requested { get; init; }
    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;
    public ImmutableArray<V1Taint> Taints { get; init; } = [];
    public ImmutableDictionary<string, PodInfo> Pods { get; init; } = ImmutableDictionary<string, PodInfo>.Empty;
    public ImmutableDictionary<string, int> Owners { get; init; } = ImmutableDictionary<string, int>.Empty;
    public ImmutableList<HostPort> Ports { get; init; } = [];

    /// <summary>Whether volumes of the built-in provisioner can be made there.</summary>
    public bool HasLocalVolumes { get; init; }

    /// <summary>Its pods that have affinity or anti-affinity to pods: a new pod may concern them.</summary>
    public ImmutableList<PodInfo> Choosy { get; init; } = [];

    /// <summary>Sizes in bytes of the images that it has, by name.</summary>
    public ImmutableDictionary<string, long> Images { get; init; } = ImmutableDictionary<string, long>.Empty;

    public ResourceVector Free => Allocatable - Requested;

    public NodeSnapshot With(V1Node node) => this with
    {
        Known = true,
        Unschedulable = node.Spec?.Unschedulable == true,
        Allocatable = ResourceVector.From(node.Status?.Allocatable ?? node.Status?.Capacity, roundUp: false),
        Labels = (node.Metadata.Labels ?? new Dictionary<string, string>()).ToImmutableDictionary(),
        Taints = TaintsOf(node),
        Images = ImagesOf(node),
        HasLocalVolumes = node.Metadata.Annotations?.ContainsKey(LocalVolumes.FolderAnnotation) == true,
    };

    public NodeSnapshot WithPod(PodInfo pod)
    {
        var before = WithoutPod(pod.Uid);
        return before with
        {
            Requested = before.Requested + pod.Requests,
            Pods = before.Pods.Add(pod.Uid, pod),
            Owners = pod.OwnerUid is { } owner ? before.Owners.SetItem(owner, before.Owners.GetValueOrDefault(owner) + 1) : before.Owners,
            Ports = pod.Ports.Count == 0 ? before.Ports : before.Ports.AddRange(pod.Ports),
            Choosy = pod.Constraints.HasAffinity ? before.Choosy.Add(pod) : before.Choosy,
        };
    }

    public NodeSnapshot WithoutPod(string uid)
    {
        if (!Pods.TryGetValue(uid, out var pod))
        {
            return this;
        }

        var owners = Owners;
        if (pod.OwnerUid is { } owner)
        {
            owners = owners[owner] > 1 ? owners.SetItem(owner, owners[owner] - 1) : owners.Remove(owner);
        }

        var ports = Ports;
        foreach (var port in pod.Ports)
        {
            ports = ports.Remove(port);
        }

        return this with
        {
            Requested = Requested - pod.Requests,
            Pods = Pods.Remove(uid),
            Owners = owners,
            Ports = ports,
            Choosy = pod.Constraints.HasAffinity ? Choosy.RemoveAll(p => p.Uid == uid) : Choosy,
        };
    }

    private static ImmutableDictionary<string, long> ImagesOf(V1Node node)
    {
        var images = ImmutableDictionary.CreateBuilder<string, long>();
        foreach (var image in node.Status?.Images ?? [])
        {
            foreach (var name in image.Names ?? [])
            {
                images[name] = image.SizeBytes ?? 0;
            }
        }

        return images.ToImmutable();
    }

    // A node that is not ready is treated as tainted even before its taint is written.
    private static ImmutableArray<V1Taint> TaintsOf(V1Node node)
    {
        ImmutableArray<V1Taint> taints = [.. node.Spec?.Taints ?? []];
        var ready = node.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready")?.Status;
        var key = ready switch
        {
            null or "True" => null,
            "False" => "node.kubernetes.io/not-ready",
            _ => "node.kubernetes.io/unreachable",
        };
        return key is null || taints.Any(t => t.Key == key)
            ? taints
            : taints.Add(new V1Taint { Key = key, Effect = "NoSchedule" });
    }
}

/// <summary>The scheduler's view of nodes and their pods. Immutable: each change returns a new snapshot.</summary>
internal sealed record ClusterSnapshot(ImmutableDictionary<string, NodeSnapshot> Nodes)
{
    public static ClusterSnapshot Empty { get; } = new(ImmutableDictionary<string, NodeSnapshot>.Empty);

    /// <summary>The labels of each namespace.</summary>
    public ImmutableDictionary<string, FrozenDictionary<string, string>> Namespaces { get; init; } = ImmutableDictionary<string, FrozenDictionary<string, string>>.Empty;

    /// <summary>Takes the labels of a namespace; null if it is gone.</summary>
    public ClusterSnapshot WithNamespace(string name, FrozenDictionary<string, string>? labels) =>
        this with { Namespaces = labels is null ? Namespaces.Remove(name) : Namespaces.SetItem(name, labels) };

    public ClusterSnapshot With(V1Node node) => Set(Get(node.Metadata.Name).With(node));

    /// <summary>Removes a node. Its pods are kept until each is deleted, in case the node comes back.</summary>
    public ClusterSnapshot Without(string node) =>
        Nodes.TryGetValue(node, out var found) ? Set(new NodeSnapshot(node)
        {
            Requested = found.Requested,
            Pods = found.Pods,
            Owners = found.Owners,
            Ports = found.Ports,
            Choosy = found.Choosy,
        }) : this;

    public ClusterSnapshot WithPod(string node, PodInfo pod) => Set(Get(node).WithPod(pod));

    public ClusterSnapshot WithoutPod(string node, string uid) =>
        Nodes.TryGetValue(node, out var found) ? Set(found.WithoutPod(uid)) : this;

    /// <summary>Returns a pod as it is counted on a node; null if it is not.</summary>
    public PodInfo? Counted(string node, string uid) => Nodes.TryGetValue(node, out var found) ? found.Pods.GetValueOrDefault(uid) : null;

    private NodeSnapshot Get(string name) => Nodes.GetValueOrDefault(name) ?? new NodeSnapshot(name);

    private ClusterSnapshot Set(NodeSnapshot node) =>
        this with { Nodes = node is { Known: false, Pods.IsEmpty: true } ? Nodes.Remove(node.Name) : Nodes.SetItem(node.Name, node) };
}
