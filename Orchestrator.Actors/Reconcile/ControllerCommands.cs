using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Reconcile;

/// <summary>Commands that every controller of pods, or of their controllers, sends.</summary>
/// <param name="self">The controlling object.</param>
/// <param name="view">The cluster as the plan read it.</param>
/// <param name="by">The controller's name in the journal.</param>
/// <param name="cause">Revision that led to the plan.</param>
internal sealed class ControllerCommands(KubeObject self, IClusterView view, string by, long cause)
{
    /// <summary>Makes the controlling object the controller of an object.</summary>
    public MergeObject Adopt(ObjectKey key, V1ObjectMeta dependent, V1ObjectMeta owner) =>
        Owned(key, dependent, "adopted", (dependent.OwnerReferences ?? []).Append(ControllerRefs.ReferenceTo(self.Kind.ApiVersion, self.Kind.Kind, owner)));

    /// <summary>Lets go of an object that the selector no longer matches.</summary>
    public MergeObject Release(ObjectKey key, V1ObjectMeta dependent) =>
        Owned(key, dependent, "released", dependent.OwnerReferences.Where(o => o.Uid != self.Uid));

    /// <summary>Writes the status of the controlling object.</summary>
    public ReplaceObject Status(object status) =>
        new(self.Key, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = self.Uid }, ["status"] = Models.ToNode(status) }, "status", 0, by, cause);

    // The patch replaces the whole list, so it may apply only to the version that was read.
    private MergeObject Owned(ObjectKey key, V1ObjectMeta dependent, string verb, IEnumerable<V1OwnerReference> owners) =>
        new(key, dependent.Uid, new JsonObject { ["metadata"] = new JsonObject { ["ownerReferences"] = Models.ToNode(owners.ToList()) } },
            verb, by, cause, ExpectedRevision: view.ByUid(dependent.Uid)?.Revision ?? 0);
}
