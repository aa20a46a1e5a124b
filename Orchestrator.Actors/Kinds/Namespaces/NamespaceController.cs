using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.ServiceAccounts;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Namespaces;

/// <summary>Creates the <c>default</c> ServiceAccount of a namespace. When the namespace is being deleted, deletes the objects in it and then removes
/// its finalizers.</summary>
/// <remarks>Rules: Kubernetes, "Namespaces" and "Managing Service Accounts", ServiceAccount controller.</remarks>
public sealed class NamespaceController : IController
{
    private const string DefaultAccount = "default";

    /// <inheritdoc/>
    public ResourceDefinition Kind => NamespaceDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        // The objects in it, once it is being deleted.
        new(o => o.Namespace.Length > 0 ? new(o.Namespace, "") : null,
            (concern, view) => view.Find(NamespaceDefinition.Instance.Key(null, concern.Namespace)) is { IsDeleting: true } ns ? [ns.Key] : []),

        // Its default ServiceAccount, which is created again if it is deleted.
        new(o => o.Kind == ServiceAccountDefinition.Instance && o.Name == DefaultAccount ? new(o.Namespace, DefaultAccount) : null,
            (concern, _) => [NamespaceDefinition.Instance.Key(null, concern.Namespace)]),
    ];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        var by = $"namespace:{self.Name}";
        if (!self.IsDeleting)
        {
            var account = ServiceAccountDefinition.Instance.Key(self.Name, DefaultAccount);
            return view.Find(account) is not null ? ControllerPlan.Nothing
                : new ControllerPlan([new CreateObject(account, new JsonObject { ["metadata"] = new JsonObject { ["name"] = DefaultAccount } }, by, context.Cause)], null);
        }

        var left = view.Indexed(IndexKey.Namespace(self.Name));
        if (left.Count > 0)
        {
            return new ControllerPlan([.. left.Where(o => !o.IsDeleting).Select(o => new DeleteObject(o.Key, by, context.Cause, ExpectedUid: o.Uid))], null);
        }

        // Without its own finalizers it may still wait for those in its metadata, which others remove.
        return self.As<V1Namespace>().Spec?.Finalizers is not { Count: > 0 } ? ControllerPlan.Nothing
            : new ControllerPlan(
                [new MergeObject(self.Key, self.Uid, new JsonObject { ["spec"] = new JsonObject { ["finalizers"] = null } }, "finalized", by, context.Cause)],
                null);
    }
}
