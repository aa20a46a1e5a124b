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

    /// <summary>Removes a finalizer from the object.</summary>
    public MergeObject WithoutFinalizer(string finalizer)
    {
        var left = self.Finalizers.Where(f => f != finalizer).Select(f => (JsonNode)JsonValue.Create(f)).ToArray();
        return Metadata(self, "finalizers", left.Length == 0 ? null : new JsonArray(left), "finalized");
    }

    private MergeObject Owned(KubeObject dependent, string verb, IEnumerable<Owner> owners) =>
        Metadata(dependent, "ownerReferences", new JsonArray([.. owners.Select(o => o.ToNode())]), verb);

    // The patch replaces the whole list, so it may apply only to the version that was read.
    private MergeObject Metadata(KubeObject item, string field, JsonArray? list, string verb) => new(item.Key, item.Uid,
        new JsonObject { ["metadata"] = new JsonObject { [field] = list } }, verb, by, cause, ExpectedRevision: item.Revision);
}
