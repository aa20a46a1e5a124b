using System.Collections.Immutable;

namespace Orchestrator.Actors.Api;

/// <summary>All that generic code needs to know of a kind: its names, its scope and its typed model.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">The served and stored version, such as <c>v1</c>.</param>
/// <param name="Kind">CamelCase kind, such as <c>ReplicaSet</c>.</param>
/// <param name="Plural">Resource name in paths, such as <c>replicasets</c>.</param>
/// <param name="Singular">Lower-case singular.</param>
/// <param name="Namespaced">False for cluster-scoped kinds.</param>
/// <param name="Model">The KubernetesClient class of the kind; null when it has none.</param>
/// <param name="ShortNames">Names that kubectl accepts besides the plural.</param>
/// <param name="Subresources">Names after the object's name in a path: <c>status</c>, <c>scale</c>, …</param>
/// <param name="Categories">Groups of kinds such as <c>all</c>.</param>
public sealed record KindInfo(
    string Group,
    string Version,
    string Kind,
    string Plural,
    string Singular,
    bool Namespaced,
    Type? Model,
    ImmutableArray<string> ShortNames,
    ImmutableArray<string> Subresources,
    ImmutableArray<string> Categories)
{
    /// <summary><c>apps/v1</c>, or <c>v1</c> in the core group.</summary>
    public string ApiVersion { get; } = Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary><c>deployments.apps</c>, or <c>pods</c> in the core group: the first part of a persistence id.</summary>
    public string Resource { get; } = Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>Whether a spec change raises <c>metadata.generation</c> and <c>/status</c> is a separate document.</summary>
    public bool HasStatus { get; } = Subresources.Contains("status");

    /// <summary>The key of an object of this kind; the namespace of a cluster-scoped kind is dropped.</summary>
    public ObjectKey Key(string? ns, string name) => new(Resource, Namespaced ? ns ?? "default" : "", name);
}
