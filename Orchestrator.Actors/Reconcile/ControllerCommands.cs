using System.Collections.Immutable;
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
    /// <summary>Makes the controlling object the controller of an object. It gets the finalizer by which the kind tracks its dependents, if it has one.</summary>
    public MergeObject Adopt(KubeObject dependent) => Owned(dependent, "adopted",
        dependent.Owners.Append(new Owner(self.Kind.Kind, self.Name, self.Uid, IsController: true, Blocks: true) { ApiVersion = self.Kind.ApiVersion }),
        self.Kind.TrackingFinalizer is { } finalizer ? dependent.Finalizers.Remove(finalizer).Add(finalizer) : null);

    /// <summary>Removes the owner reference from an object that the selector no longer matches, and the tracking finalizer of the kind.</summary>
    public MergeObject Release(KubeObject dependent) => Owned(dependent, "released", dependent.Owners.Where(o => o.Uid != self.Uid),
        self.Kind.TrackingFinalizer is { } finalizer && dependent.Finalizers.Contains(finalizer) ? dependent.Finalizers.Remove(finalizer) : null);

    /// <summary>Writes the status of the controlling object.</summary>
    public ReplaceObject Status(object status) =>
        new(self.Key, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = self.Uid }, ["status"] = Models.ToNode(status) }, "status", 0, by, cause);

    /// <summary>Removes a finalizer from the object.</summary>
    public MergeObject WithoutFinalizer(string finalizer) => WithoutFinalizer(self, finalizer);

    /// <summary>Removes a finalizer from another object.</summary>
    public MergeObject WithoutFinalizer(KubeObject item, string finalizer) =>
        Metadata(item, "finalized", new JsonObject { ["finalizers"] = Finalizers(item.Finalizers.Remove(finalizer)) });

    private MergeObject Owned(KubeObject dependent, string verb, IEnumerable<Owner> owners, ImmutableArray<string>? finalizers)
    {
        var references = owners.Select(o => (JsonNode)o.ToNode()).ToArray();
        var metadata = new JsonObject { ["ownerReferences"] = references.Length == 0 ? null : new JsonArray(references) };
        if (finalizers is { } list)
        {
            metadata["finalizers"] = Finalizers(list);
        }

        return Metadata(dependent, verb, metadata);
    }

    private static JsonArray? Finalizers(ImmutableArray<string> list) => list.IsEmpty ? null : new JsonArray([.. list.Select(f => (JsonNode)JsonValue.Create(f))]);

    // The patch replaces whole lists, so it may apply only to the version that was read.
    private MergeObject Metadata(KubeObject item, string verb, JsonObject metadata) => new(item.Key, item.Uid,
        new JsonObject { ["metadata"] = metadata }, verb, by, cause, ExpectedRevision: item.Revision);
}
