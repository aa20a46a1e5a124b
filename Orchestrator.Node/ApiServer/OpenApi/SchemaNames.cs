using System.Text.RegularExpressions;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Schema;
using Orchestrator.Node.ApiServer.Discovery;

namespace Orchestrator.Node.ApiServer.OpenApi;

/// <summary>The component name of every schema that a served kind reaches: <c>io.k8s.api.core.v1.PodSpec</c>.</summary>
/// <remarks>Model classes do not say their group: a class belongs to the first group that reaches it, the core group first. A kind without a model
/// class is one component, named after its group backwards: <c>com.example.v1.CronTab</c>.</remarks>
internal sealed partial class SchemaNames
{
    public const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1";
    public const string IntOrString = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
    public const string Quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity";

    private static readonly HashSet<string> MetaTypes =
    [
        "ObjectMeta", "ListMeta", "LabelSelector", "LabelSelectorRequirement", "OwnerReference", "ManagedFieldsEntry", "Condition", "Status",
        "StatusDetails", "StatusCause", "DeleteOptions", "Preconditions",
    ];

    private readonly Dictionary<SchemaNode, string> _names = [];

    public SchemaNames(IReadOnlyCollection<ResourceDefinition> kinds)
    {
        foreach (var kind in kinds.Concat(Subresources.Documents(kinds)).OrderBy(k => k.Model is null).ThenBy(k => k.Group, StringComparer.Ordinal))
        {
            foreach (var schema in Reach([kind]))
            {
                if (!_names.ContainsKey(schema))
                {
                    _names[schema] = schema.Model is { } model ? NameOf(model, kind) : Free($"{string.Join('.', kind.Group.Split('.').Reverse())}.{kind.Version}.{kind.Kind}");
                }
            }
        }
    }

    // Custom kinds come with whatever group they like.
    private string Free(string name)
    {
        while (_names.ContainsValue(name) || _names.ContainsValue(name.EndsWith("List", StringComparison.Ordinal) ? name[..^"List".Length] : $"{name}List"))
        {
            name += "_";
        }

        return name;
    }

    /// <summary>Every model class that has a name.</summary>
    public IReadOnlySet<Type> Models => _names.Keys.Select(s => s.Model).OfType<Type>().ToHashSet();

    public string this[SchemaNode schema] => _names[schema];

    /// <summary>The name of the list kind of a kind.</summary>
    public string ListOf(ResourceDefinition kind) => _names[kind.Schema] + "List";

    /// <summary>Metadata of lists.</summary>
    public static SchemaNode ListMeta { get; } = BuiltIn.Schemas.Of(typeof(k8s.Models.V1ListMeta));

    /// <summary>The schemas of the kinds, and those of the model classes that their fields lead to.</summary>
    public static IReadOnlySet<SchemaNode> Reach(IEnumerable<ResourceDefinition> kinds)
    {
        var reached = new HashSet<SchemaNode>();
        var seen = new HashSet<SchemaNode>();
        var open = new Stack<SchemaNode>(kinds.Select(k => k.Schema).Append(ListMeta));
        reached.UnionWith(open);
        while (open.TryPop(out var schema))
        {
            if (!seen.Add(schema))
            {
                continue;
            }

            if (schema.Model is not null)
            {
                reached.Add(schema);
            }

            foreach (var part in schema.Fields.Values.Select(f => f.Value).Append(schema.Items).OfType<SchemaNode>())
            {
                open.Push(part);
            }
        }

        return reached;
    }

    private static string NameOf(Type model, ResourceDefinition kind)
    {
        var name = Prefix().Replace(model.Name, "");
        return MetaTypes.Contains(name) ? $"{Meta}.{name}" : $"io.k8s.api.{(kind.Group.Length == 0 ? "core" : kind.Group.Split('.')[0])}.{kind.Version}.{name}";
    }

    [GeneratedRegex("^([A-Z][a-z]+)?[Vv][0-9]+((alpha|beta)[0-9]+)?(?=[A-Z])")]
    private static partial Regex Prefix();
}
