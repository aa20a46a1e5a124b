using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Schema;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Resources;

/// <summary>Describes a kind to generic code, which must not name kinds. Everything specific to a kind is in its folder and reached from here.</summary>
public sealed class ResourceDefinition
{
    /// <summary>The verbs of a kind whose objects are stored.</summary>
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

    /// <summary>Facts about the fields of the kind's model classes that reflection does not show.</summary>
    public SchemaFacts Facts { get; init; } = SchemaFacts.None;

    /// <summary>Schema of the kind's objects. Default: the schema of <see cref="Model"/>.</summary>
    public SchemaNode Schema { get => field ??= Model is null ? SchemaNode.Any : BuiltIn.Schemas.Of(Model); init; }

    /// <summary>Names that kubectl accepts besides the plural.</summary>
    public ImmutableArray<string> ShortNames { get; init; } = [];

    /// <summary>The verbs that clients can use.</summary>
    public ImmutableArray<string> Verbs { get; init; } = AllVerbs;

    /// <summary>Subresources, such as <c>status</c> and <c>scale</c>.</summary>
    public ImmutableArray<string> Subresources { get; init; } = [];

    /// <summary>Subresources through which alone a part of the spec is changed, and those parts.</summary>
    public ImmutableDictionary<string, SpecPart> SpecParts { get; init; } = ImmutableDictionary<string, SpecPart>.Empty;

    /// <summary>Categories that include the kind, such as <c>all</c>.</summary>
    public ImmutableArray<string> Categories { get; init; } = [];

    /// <summary>The columns that <c>kubectl get</c> prints.</summary>
    public ImmutableArray<Column> Columns { get; init; } = [Column.Name, Column.Age];

    /// <summary>Fields that field selectors support in addition to <c>metadata.name</c> and <c>metadata.namespace</c>.</summary>
    public ImmutableArray<FieldLabel> FieldLabels { get; init; } = [];

    /// <summary>Validates <c>metadata.name</c>; returns an error message or null.</summary>
    public Func<string, string?> NameRule { get; init; } = Names.Subdomain;

    /// <summary>Whether the cluster acts on objects of the kind, only stores them, or refuses them.</summary>
    public Support Support { get; init; } = Support.Full;

    /// <summary>Defaults, validation and the hooks for creation and deletion.</summary>
    public IResourceStrategy Strategy { get; init; } = ResourceStrategy.Plain;

    /// <summary>Metrics about the state of all its objects. They are computed whenever metrics are read, so a sample must be cheap.</summary>
    public ImmutableArray<StateMetric> Metrics { get; init; } = [];

    /// <summary>Whether objects run on nodes. If so, <c>spec.nodeName</c> and <c>status.phase</c> are indexed.</summary>
    public bool RunsOnNodes { get; init; }

    /// <summary>Whether objects without a controller can be adopted.</summary>
    public bool IsAdoptable { get; init; }

    /// <summary>The finalizer by which objects of the kind track their dependents: a dependent that ends or is deleted stays until its controller has counted
    /// it. If the controller is gone, the garbage collector removes the finalizer. Null: the kind does not track.</summary>
    public string? TrackingFinalizer { get; init; }

    /// <summary>Reads which other objects an object names and is concerned by. They are indexed, so that a change of one finds who names it
    /// (IndexKey.Reference). Null: none.</summary>
    public Func<JsonObject, IEnumerable<ObjectKey>>? References { get; init; }

    /// <summary>Reads what an object uses at a time of the quotas of its namespace, besides that it is one object. Null: nothing.</summary>
    internal Func<KubeObject, DateTimeOffset, ObjectUsage>? Usage { get; init; }

    /// <summary>Reads when an object that is being deleted stops to use anything, though it is still there. Null: not before it is gone.</summary>
    internal Func<KubeObject, DateTimeOffset?>? UsageEnds { get; init; }

    /// <summary>Annotations of the domain orchestrator.io that users set on objects of the kind.</summary>
    public ImmutableArray<string> Annotations { get; init; } = [];

    /// <summary>Annotations of that domain that controllers keep on objects of the kind and on what they make of its template.</summary>
    public ImmutableArray<string> KeptAnnotations { get; init; } = [];

    /// <summary>Beginning of the names of annotations that only the kind's own commands write (<c>KindCommand</c>): whoever creates or replaces an object changes none of
    /// them. Null: there are none.</summary>
    public string? OwnAnnotations { get; init; }

    /// <summary>Where objects have their scale, if they have the subresource.</summary>
    public ScalePaths ScalePaths { get; init; } = ScalePaths.Usual;

    /// <summary>Reads how far a workload is, for those that start after it. Null: nobody can start after objects of the kind.</summary>
    public Func<KubeObject, Completion>? Completion { get; init; }

    /// <summary>Whether what is complete stays so, whatever happens to it.</summary>
    public bool CompletesForGood { get; init; }

    /// <summary>Reads the kind that an object of this kind defines, such as a CustomResourceDefinition. Null: objects define no kinds. Returns null
    /// for an object that does not define its kind yet.</summary>
    public Func<KubeObject, ServedKind?>? Defines { get; init; }

    /// <summary>Whether clients can ask for objects in this version; false for one that is only stored.</summary>
    public bool IsServed { get; init; } = true;

    /// <summary>Whether no more objects can be created, because the object that defines the kind is being deleted.</summary>
    public bool IsTerminating { get; init; }

    /// <summary>Whether objects may be stored in another version of the kind, because the stored version changed.</summary>
    public bool HasOtherVersions { get; init; }

    /// <summary>Conversion from and to the stored definition. Null: this is the stored definition.</summary>
    public ResourceView? View { get; init; }

    /// <summary>The definition under which objects are stored.</summary>
    public ResourceDefinition Stored => View?.Stored ?? this;

    /// <summary>Converts a stored object to this definition.</summary>
    public KubeObject Show(KubeObject item) => View is not null ? View.Show(this, item) : HasOtherVersions ? ResourceView.Named(this, item) : item;

    /// <summary><c>apps/v1</c>, or <c>v1</c> in the core group.</summary>
    public string ApiVersion => field ??= Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary><c>deployments.apps</c>, or <c>pods</c> in the core group: the first part of a persistence id.</summary>
    public string Resource => field ??= Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary><c>deployment.apps</c>, or <c>pod</c> in the core group: the first part of an event's manifest.</summary>
    public string QualifiedSingular => field ??= Group.Length == 0 ? Singular : $"{Singular}.{Group}";

    /// <summary>Whether the kind has a <c>status</c> subresource. If so, changes of the spec increment <c>metadata.generation</c>.</summary>
    public bool HasStatus => Subresources.Contains("status");

    /// <summary>Returns the key of an object. The namespace is ignored for cluster-scoped kinds; null means <c>default</c>.</summary>
    public ObjectKey Key(string? ns, string name) => new(Resource, Namespaced ? ns ?? "default" : "", name);

    /// <inheritdoc/>
    public override string ToString() => Resource;
}
