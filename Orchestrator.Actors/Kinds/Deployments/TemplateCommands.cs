using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>Builds the commands by which a deployment changes its own template. Template, record and Kubernetes Event are one event of the journal, and meant for
/// the version that was judged: a template that the user applies meanwhile stays.</summary>
/// <param name="self">The deployment.</param>
/// <param name="by">Name of the controller in the journal.</param>
/// <param name="cause">Revision that led to the plan.</param>
internal sealed class TemplateCommands(KubeObject self, UserInfo by, long cause)
{
    /// <summary>Gives the deployment the template of an old replica set, as kubectl rollout undo does, but leaves its annotations apart from the change
    /// cause: those of the past may lack what was decided since.</summary>
    public MergeObject Rollback(DeploymentRollback rollback, KubeObject to)
    {
        var template = Template(to);
        (template["metadata"]?["labels"] as JsonObject)?.Remove(TemplateHash.Label);
        if (ConfigPin.In(rollback.Template) is { } versions)
        {
            JsonFilling.Child(JsonFilling.Child(template, "metadata"), "annotations")[ConfigPin.Versions] = versions;
        }

        var annotations = new JsonObject
        {
            [AutoRollback.From] = Revisions.Text(rollback.From),
            [AutoRollback.To] = AutoRollback.HashOf(rollback.Template),
            [Revisions.ChangeCause] = rollback.To.GetAnnotation(Revisions.ChangeCause),
        };
        return Change("rolled-back", annotations, JsonMerge.Diff(Template(self), template) ?? [], new("Warning", "DeploymentRollback", rollback.Message, DeploymentController.Component));
    }

    /// <summary>Pins versions of the configuration in the template.</summary>
    public MergeObject Pin(string? versions, string message, ConfigPace pace) => Change(
        "configured", new JsonObject { [ConfigPace.Annotation] = pace.ToString() }, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [ConfigPin.Versions] = versions } } },
        new("Normal", "ConfigurationChanged", message, DeploymentController.Component));

    private MergeObject Change(string verb, JsonObject? annotations, JsonObject template, RecordedEvent told)
    {
        var patch = new JsonObject { ["spec"] = new JsonObject { ["template"] = template } };
        if (annotations is not null)
        {
            patch["metadata"] = new JsonObject { ["annotations"] = annotations };
        }

        return new MergeObject(self.Key, self.Uid, patch, verb, by, cause, RecordedEvents: [told], ExpectedRevision: self.Revision);
    }

    private static JsonObject Template(KubeObject o) => (JsonObject)o.ToNode()["spec"]!["template"]!;
}
