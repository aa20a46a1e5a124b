using System.Text.RegularExpressions;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Discovery;

namespace Orchestrator.Node.ApiServer.OpenApi;

/// <summary>The component name of every model class that a served kind reaches: <c>io.k8s.api.core.v1.PodSpec</c>.</summary>
/// <remarks>The classes do not say their group: a class belongs to the first group that reaches it, the core group first.</remarks>
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

    private readonly Dictionary<Type, string> _names = [];

    public SchemaNames(IEnumerable<ResourceDefinition> kinds)
    {
        var served = kinds.Where(k => k.Model is not null).ToList();
        foreach (var kind in served.Concat(Subresources.Documents(served)).OrderBy(k => k.Group, StringComparer.Ordinal))
        {
            foreach (var model in Reach([kind.Model!]))
            {
                _names.TryAdd(model, NameOf(model, kind));
            }
        }
    }

    /// <summary>Every class that has a name.</summary>
    public IReadOnlySet<Type> Models => _names.Keys.ToHashSet();

    public string this[Type model] => _names[model];

    /// <summary>The name of the list kind of a kind.</summary>
    public string ListOf(ResourceDefinition kind) => _names[kind.Model!] + "List";

    /// <summary>The classes, and those that their fields lead to.</summary>
    public static IReadOnlySet<Type> Reach(IEnumerable<Type> roots)
    {
        var reached = new HashSet<Type>();
        var open = new Stack<Type>(roots.Append(typeof(k8s.Models.V1ListMeta)));
        while (open.TryPop(out var model))
        {
            if (reached.Add(model))
            {
                foreach (var field in ModelFields.Of(model).Values.Where(f => f.Shape == FieldShape.Model))
                {
                    open.Push(field.Type);
                }
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
