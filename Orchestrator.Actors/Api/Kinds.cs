using System.Collections.Frozen;
using System.Collections.Immutable;
using k8s.Models;

namespace Orchestrator.Actors.Api;

/// <summary>The kinds that this cluster serves, one description each. A new plain kind is one line here.</summary>
public static class Kinds
{
    /// <summary>Pods.</summary>
    public static readonly KindInfo Pod = Core<V1Pod>("Pod", "pods", true, ["po"], ["status", "log", "binding", "eviction"], ["all"]);

    /// <summary>Nodes.</summary>
    public static readonly KindInfo Node = Core<V1Node>("Node", "nodes", false, ["no"], ["status"]);

    /// <summary>Namespaces.</summary>
    public static readonly KindInfo Namespace = Core<V1Namespace>("Namespace", "namespaces", false, ["ns"], ["status", "finalize"]);

    /// <summary>ConfigMaps.</summary>
    public static readonly KindInfo ConfigMap = Core<V1ConfigMap>("ConfigMap", "configmaps", true, ["cm"], []);

    /// <summary>Secrets.</summary>
    public static readonly KindInfo Secret = Core<V1Secret>("Secret", "secrets", true, [], []);

    /// <summary>Events, as kubectl describe and kubectl events read them.</summary>
    public static readonly KindInfo Event = Core<Corev1Event>("Event", "events", true, ["ev"], []);

    /// <summary>Deployments.</summary>
    public static readonly KindInfo Deployment = Apps<V1Deployment>("Deployment", "deployments", ["deploy"], ["status", "scale"]);

    /// <summary>ReplicaSets.</summary>
    public static readonly KindInfo ReplicaSet = Apps<V1ReplicaSet>("ReplicaSet", "replicasets", ["rs"], ["status", "scale"]);

    /// <summary>Every kind served.</summary>
    public static readonly ImmutableArray<KindInfo> All =
    [
        Pod, Node, Namespace, ConfigMap, Secret, Event, Deployment, ReplicaSet,
        Core<V1Service>("Service", "services", true, ["svc"], ["status"], ["all"]),
        Core<V1ServiceAccount>("ServiceAccount", "serviceaccounts", true, ["sa"], []),
    ];

    private static readonly FrozenDictionary<string, KindInfo> Resources = All.ToFrozenDictionary(k => k.Resource);
    private static readonly FrozenDictionary<(string, string), KindInfo> Grouped = All.ToFrozenDictionary(k => (k.Group, k.Kind));
    private static readonly FrozenDictionary<(string, string), KindInfo> Named = All.ToFrozenDictionary(k => (k.ApiVersion, k.Kind));

    /// <summary>The kind by its group and name, whatever the version; null when it is not served.</summary>
    public static KindInfo? ByGroupKind(string group, string kind) => Grouped.GetValueOrDefault((group, kind));

    /// <summary>The kind of <c>pods</c> or <c>deployments.apps</c>; null when it is not served.</summary>
    public static KindInfo? ByResource(string resource) => Resources.GetValueOrDefault(resource);

    /// <summary>The kind by its path parts, such as <c>apps</c> and <c>deployments</c>.</summary>
    public static KindInfo? ByResource(string group, string plural) => ByResource(group.Length == 0 ? plural : $"{plural}.{group}");

    /// <summary>The kind by the two fields every manifest has.</summary>
    public static KindInfo? ByKind(string apiVersion, string kind) => Named.GetValueOrDefault((apiVersion, kind));

    private static KindInfo Core<T>(string kind, string plural, bool namespaced, ImmutableArray<string> shortNames,
        ImmutableArray<string> subresources, ImmutableArray<string> categories = default) =>
        new("", "v1", kind, plural, kind.ToLowerInvariant(), namespaced, typeof(T), shortNames, subresources,
            categories.IsDefault ? [] : categories);

    private static KindInfo Apps<T>(string kind, string plural, ImmutableArray<string> shortNames, ImmutableArray<string> subresources) =>
        new("apps", "v1", kind, plural, kind.ToLowerInvariant(), true, typeof(T), shortNames, subresources, ["all"]);
}
