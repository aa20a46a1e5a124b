using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>Gives a deployment the template of an old replica set, as kubectl rollout undo does, but leaves its annotations apart from the change cause:
/// those of the past may lack what was decided since.</summary>
internal static class RollbackCommand
{
    /// <summary>Template, record and Kubernetes Event are one event of the journal, and meant for the version that was judged: a template that the user
    /// applies meanwhile stays.</summary>
    public static MergeObject Of(KubeObject self, DeploymentRollback rollback, KubeObject to, RecordedEvent told, UserInfo by, long cause)
    {
        var template = Template(to);
        (template["metadata"]?["labels"] as JsonObject)?.Remove(TemplateHash.Label);
        var annotations = new JsonObject
        {
            [AutoRollback.From] = Revisions.Text(rollback.From),
            [AutoRollback.To] = AutoRollback.HashOf(rollback.To.Spec.Template),
            [Revisions.ChangeCause] = rollback.To.GetAnnotation(Revisions.ChangeCause),
        };
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["annotations"] = annotations },
            ["spec"] = new JsonObject { ["template"] = JsonMerge.Diff(Template(self), template) ?? [] },
        };
        return new MergeObject(self.Key, self.Uid, patch, "rolled-back", by, cause, RecordedEvents: [told], ExpectedRevision: self.Revision);
    }

    private static JsonObject Template(KubeObject o) => (JsonObject)o.ToNode()["spec"]!["template"]!;
}
