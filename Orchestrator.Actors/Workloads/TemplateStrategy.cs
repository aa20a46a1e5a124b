using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Workloads;

/// <summary>Base strategy of kinds with a pod template.</summary>
/// <param name="path">Path of the template, such as <c>spec.template</c>.</param>
/// <param name="restartPolicies">Restart policies that the template may have.</param>
internal class TemplateStrategy(string path, params string[] restartPolicies) : ResourceStrategy
{
    public override void Default(JsonObject o)
    {
        if (Template(o)?["spec"] is JsonObject spec)
        {
            PodDefaults.Apply(spec);
        }
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var template = Template(o);
        if (template is null)
        {
            errors.Required(path);
            return;
        }

        MetadataValidation.Labels(errors, $"{path}.metadata", template["metadata"] as JsonObject);
        var spec = template["spec"] as JsonObject;
        PodValidation.CheckTemplate(errors, $"{path}.spec", spec);
        if (restartPolicies.Length > 0 && (string?)spec?["restartPolicy"] is { } policy)
        {
            errors.OneOf($"{path}.spec.restartPolicy", policy, restartPolicies);
        }
    }

    public override IEnumerable<string> Warnings(JsonObject o) => PodWarnings.Of($"{path}.spec", Template(o)?["spec"] as JsonObject);

    /// <summary>Returns the template; null if there is none.</summary>
    protected JsonObject? Template(JsonObject o) => JsonPath.At(o, path) as JsonObject;
}
