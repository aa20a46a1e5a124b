using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ServiceAccounts;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Namespaces;

/// <summary>Creates the <c>default</c> ServiceAccount of a namespace, and the ConfigMap with the certificate by which its pods know the API server. When the namespace is being deleted, deletes the objects in it and then removes
/// its finalizers.</summary>
/// <remarks>Rules: Kubernetes, "Namespaces" and "Managing Service Accounts", ServiceAccount controller.</remarks>
/// <param name="authority">Certificate of the API server's authority, as PEM; null if there is none to hand out.</param>
public sealed class NamespaceController(string? authority = null) : IController
{

    /// <inheritdoc/>
    public ResourceDefinition Kind => NamespaceDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        // The objects in it, once it is being deleted.
        new(o => o.Namespace.Length > 0 ? new(o.Namespace, "") : null,
            (concern, view) => view.Find(NamespaceDefinition.Instance.Key(null, concern.Namespace)) is { IsDeleting: true } ns ? [ns.Key] : []),

        // Its default ServiceAccount and its certificates, which are created again if they are deleted.
        new(o => (o.Kind == ServiceAccountDefinition.Instance && o.Name == PodAccount.Default) || (o.Kind == ConfigMapDefinition.Instance && o.Name == PodAccount.RootCertificates) ? new(o.Namespace, o.Name) : null,
            (concern, _) => [NamespaceDefinition.Instance.Key(null, concern.Namespace)]),
    ];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        var by = $"namespace:{self.Name}";
        if (!self.IsDeleting)
        {
            return new ControllerPlan([.. Missing(self.Name, view, by, context.Cause)], null);
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

    private IEnumerable<ObjectCommand> Missing(string space, IClusterView view, string by, long cause)
    {
        var account = ServiceAccountDefinition.Instance.Key(space, PodAccount.Default);
        if (view.Find(account) is null)
        {
            yield return new CreateObject(account, new JsonObject { ["metadata"] = new JsonObject { ["name"] = account.Name } }, by, cause);
        }

        if (authority is null)
        {
            yield break;
        }

        var data = new JsonObject { [PodAccount.RootKey] = authority };
        var certificates = ConfigMapDefinition.Instance.Key(space, PodAccount.RootCertificates);
        if (view.Find(certificates) is not { } found)
        {
            yield return new CreateObject(certificates, new JsonObject { ["metadata"] = new JsonObject { ["name"] = certificates.Name }, ["data"] = data }, by, cause);
        }
        else if (!found.IsDeleting && (string?)found.ToNode()["data"]?[PodAccount.RootKey] != authority)
        {
            yield return new MergeObject(certificates, found.Uid, new JsonObject { ["data"] = data }, "updated", by, cause);
        }
    }
}
