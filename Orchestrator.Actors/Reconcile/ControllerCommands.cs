using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Reconcile;

/// <summary>Builds commands that several controllers send.</summary>
/// <param name="self">The controlling object.</param>
/// <param name="by">Name of the controller in the journal.</param>
/// <param name="cause">Revision that led to the plan.</param>
internal sealed class ControllerCommands(KubeObject self, string by, long cause)
{
    /// <summary>Makes the controlling object the controller of an object.</summary>
    public MergeObject Adopt(KubeObject dependent) => Owned(dependent, "adopted",
        dependent.Owners.Append(new Owner(self.Kind.Kind, self.Name, self.Uid, IsController: true, Blocks: true) { ApiVersion = self.Kind.ApiVersion }));

    /// <summary>Removes the owner reference from an object that the selector no longer matches.</summary>
    public MergeObject Release(KubeObject dependent) => Owned(dependent, "released", dependent.Owners.Where(o => o.Uid != self.Uid));

    /// <summary>Writes the status of the controlling object.</summary>
    public ReplaceObject Status(object status) =>
        new(self.Key, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = self.Uid }, ["status"] = Models.ToNode(status) }, "status", 0, by, cause);

    // The patch replaces the whole list, so it may apply only to the version that was read.
    private MergeObject Owned(KubeObject dependent, string verb, IEnumerable<Owner> owners) => new(dependent.Key, dependent.Uid,
        new JsonObject { ["metadata"] = new JsonObject { ["ownerReferences"] = new JsonArray([.. owners.Select(o => o.ToNode())]) } }, verb, by, cause, ExpectedRevision: dependent.Revision);
}
