using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Schema;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Resources;

/// <summary>All that generic code knows of a kind. What is particular to it lives in the kind's folder and is reached through this description.</summary>
public sealed class ResourceDefinition
{
    /// <summary>What clients can do with the objects of a kind that is stored.</summary>
    public static readonly ImmutableArray<string> AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>API group; empty for the core group.</summary>
    public string Group { get; init; } = "";

    /// <summary>The stored version, such as <c>v1</c>.</summary>
    public string Version { get; init; } = "v1";

    /// <summary>CamelCase kind, such as <c>ReplicaSet</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Resource name in paths, such as <c>replicasets</c>.</summary>
    public required string Plural { get; init; }

    /// <summary>Lower-case singular.</summary>
    public string Singular { get => field ??= Kind.ToLowerInvariant(); init; }

    /// <summary>False for cluster-scoped kinds.</summary>
    public bool Namespaced { get; init; } = true;

    /// <summary>The KubernetesClient class of the kind; null when it has none.</summary>
    public Type? Model { get; init; }

    /// <summary>What the model classes that are particular to the kind do not say of their fields.</summary>
    public SchemaFacts Facts { get; init; } = SchemaFacts.None;

    /// <summary>What an object of the kind may hold; that of its model class unless it is given.</summary>
    public SchemaNode Schema { get => field ??= Model is null ? SchemaNode.Any : BuiltIn.Schemas.Of(Model); init; }

    /// <summary>Names that kubectl accepts besides the plural.</summary>
    public ImmutableArray<string> ShortNames { get; init; } = [];

    /// <summary>What clients can do with the objects of the kind.</summary>
    public ImmutableArray<string> Verbs { get; init; } = AllVerbs;

    /// <summary>Names after the object's name in a path: <c>status</c>, <c>scale</c>, …</summary>
    public ImmutableArray<string> Subresources { get; init; } = [];

    /// <summary>Groups of kinds such as <c>all</c>.</summary>
    public ImmutableArray<string> Categories { get; init; } = [];

    /// <summary>What <c>kubectl get</c> shows.</summary>
    public ImmutableArray<Column> Columns { get; init; } = [Column.Name, Column.Age];

    /// <summary>What field selectors may name besides <c>metadata.name</c> and <c>metadata.namespace</c>.</summary>
    public ImmutableArray<FieldLabel> FieldLabels { get; init; } = [];

    /// <summary>What a name must fulfil; gives what is wrong with one.</summary>
    public Func<string, string?> NameRule { get; init; } = Names.Subdomain;

    /// <summary>How far the cluster acts on objects of the kind.</summary>
    public Support Support { get; init; } = Support.Full;

    /// <summary>Defaults, validation, and what the kind does at the moments of an object's life.</summary>
    public IResourceStrategy Strategy { get; init; } = ResourceStrategy.Plain;

    /// <summary>Metrics about the state of all its objects. They are computed whenever metrics are read, so a sample must be cheap.</summary>
    public ImmutableArray<StateMetric> Metrics { get; init; } = [];

    /// <summary>Whether its objects run on nodes: <c>spec.nodeName</c> and <c>status.phase</c> are read for indexes.</summary>
    public bool RunsOnNodes { get; init; }

    /// <summary>Whether controllers look for objects of the kind that nobody controls.</summary>
    public bool IsAdoptable { get; init; }

    /// <summary>Whether objects of the kind adopt others that match their selector.</summary>
    public bool Adopts { get; init; }

    /// <summary>Reads the kind that an object of this kind defines; null for kinds whose objects define none. It returns null for an object that
    /// does not define one yet.</summary>
    public Func<KubeObject, ServedKind?>? Defines { get; init; }

    /// <summary>How objects of another definition are shown by this one; null where it is the stored form.</summary>
    public ResourceView? View { get; init; }

    /// <summary>The definition under which objects are stored: this one, but for a view.</summary>
    public ResourceDefinition Stored => View?.Stored ?? this;

    /// <summary>An object as this definition shows it.</summary>
    public KubeObject Show(KubeObject item) => View is null ? item : View.Show(this, item);

    /// <summary><c>apps/v1</c>, or <c>v1</c> in the core group.</summary>
    public string ApiVersion => field ??= Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary><c>deployments.apps</c>, or <c>pods</c> in the core group: the first part of a persistence id.</summary>
    public string Resource => field ??= Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary><c>deployment.apps</c>, or <c>pod</c> in the core group: the first part of an event's manifest.</summary>
    public string QualifiedSingular => field ??= Group.Length == 0 ? Singular : $"{Singular}.{Group}";

    /// <summary>Whether a spec change raises <c>metadata.generation</c> and <c>/status</c> is a separate document.</summary>
    public bool HasStatus => Subresources.Contains("status");

    /// <summary>The key of an object of this kind; the namespace of a cluster-scoped kind is dropped.</summary>
    public ObjectKey Key(string? ns, string name) => new(Resource, Namespaced ? ns ?? "default" : "", name);

    /// <inheritdoc/>
    public override string ToString() => Resource;
}
