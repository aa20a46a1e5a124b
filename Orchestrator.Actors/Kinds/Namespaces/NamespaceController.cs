using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Namespaces;

/// <summary>A namespace that is being deleted deletes what it holds, then lets go of itself.</summary>
public sealed class NamespaceController : IController
{
    /// <inheritdoc/>
    public ResourceDefinition Kind => NamespaceDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        // What it holds, once it is to go.
        new(o => o.Namespace.Length > 0 ? new(o.Namespace, "") : null,
            (concern, view) => view.Find(NamespaceDefinition.Instance.Key(null, concern.Namespace)) is { IsDeleting: true } ns ? [ns.Key] : []),
    ];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        if (!self.IsDeleting)
        {
            return ControllerPlan.Nothing;
        }

        var by = $"namespace:{self.Name}";
        var left = view.Indexed(IndexKey.Namespace(self.Name));
        return left.Count > 0
            ? new ControllerPlan([.. left.Where(o => !o.IsDeleting).Select(o => new DeleteObject(o.Key, by, context.Cause, ExpectedUid: o.Uid))], null)
            : new ControllerPlan(
                [new MergeObject(self.Key, self.Uid, new JsonObject { ["spec"] = new JsonObject { ["finalizers"] = null } }, "finalized", by, context.Cause)],
                null);
    }
}
