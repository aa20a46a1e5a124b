using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.CustomResourceDefinitions;

/// <summary>Accepts the names of a CustomResourceDefinition and establishes it. When it is being deleted, deletes its objects and then removes
/// its finalizer.</summary>
/// <remarks>Rules: Kubernetes, "Extend the Kubernetes API with CustomResourceDefinitions", conditions, and "Finalizers".</remarks>
public sealed class CustomResourceDefinitionController : IController
{
    private const string By = "customresourcedefinition";

    /// <inheritdoc/>
    public ResourceDefinition Kind => CustomResourceDefinitionDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        // Objects of the kind, once the definition is being deleted.
        new(o => o.Kind.Strategy is CustomStrategy ? new("", o.Kind.Resource) : null,
            (concern, view) => view.Find(CustomResourceDefinitionDefinition.Instance.Key(null, concern.Name)) is { IsDeleting: true } crd ? [crd.Key] : []),

        // Another definition of its group, which may have released names.
        new(o => o.Kind == CustomResourceDefinitionDefinition.Instance ? new("", GroupOf(o.Name)) : null,
            (concern, view) => view.All(CustomResourceDefinitionDefinition.Instance).Where(o => GroupOf(o.Name) == concern.Name).Select(o => o.Key)),
    ];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        var by = $"{By}:{self.Name}";
        var own = new ControllerCommands(self, by, context.Cause);
        if (self.IsDeleting)
        {
            return self.Finalizers.Contains(CustomResourceDefinitionStrategy.Cleanup) ? CleanUp(self, view, own, by, context) : ControllerPlan.Nothing;
        }

        var node = self.ToNode();
        var status = CustomResourceDefinitionStatus.Compute(node, Taken(self, node, view), context.Now);
        return JsonNode.DeepEquals(status, node["status"]) ? ControllerPlan.Nothing : new ControllerPlan([own.Status(status)], null);
    }

    // Names of built-in kinds of the group, and of the definitions that came before.
    private static IEnumerable<JsonObject> Taken(KubeObject self, JsonObject node, IClusterView view)
    {
        var created = CreatedAt(node);
        return view.Registry.All.Where(k => k.Group == GroupOf(self.Name) && k.Strategy is not CustomStrategy)
            .Select(k => new JsonObject { ["plural"] = k.Plural, ["singular"] = k.Singular, ["kind"] = k.Kind, ["listKind"] = $"{k.Kind}List" })
            .Concat(view.All(CustomResourceDefinitionDefinition.Instance)
                .Where(o => o.Uid != self.Uid && GroupOf(o.Name) == GroupOf(self.Name)).Select(o => (Object: o, Node: o.ToNode()))
                .Where(o => CustomResourceDefinitionStatus.IsEstablished(o.Node) || Comparer<(string, string)>.Default.Compare((CreatedAt(o.Node), o.Object.Name), (created, self.Name)) < 0)
                .Select(o => o.Node["spec"]?["names"] as JsonObject).OfType<JsonObject>());
    }

    private static string CreatedAt(JsonObject crd) => (string?)crd["metadata"]?["creationTimestamp"] ?? "";

    private static ControllerPlan CleanUp(KubeObject self, IClusterView view, ControllerCommands own, string by, PlanContext context)
    {
        var node = self.ToNode();
        if (!CustomResourceDefinitionStatus.IsTerminating(node))
        {
            // A step of its own: what was created before it is in the cache when the next plan is made.
            return new ControllerPlan([own.Status(CustomResourceDefinitionStatus.Terminating(node, context.Now))], null);
        }

        var left = view.Registry.ByResource(self.Name) is { } kind ? view.All(kind).ToList() : [];
        if (left.Count > 0)
        {
            return new ControllerPlan([.. left.Where(o => !o.IsDeleting).Select(o => new DeleteObject(o.Key, by, context.Cause, ExpectedUid: o.Uid))], null);
        }

        return new ControllerPlan([own.WithoutFinalizer(CustomResourceDefinitionStrategy.Cleanup)], null);
    }

    // A definition is named plural.group.
    private static string GroupOf(string name) => name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..];
}
