using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>The selector and the labels by which a job finds its pods. They are generated from its uid and its name, unless <c>spec.manualSelector</c> is set
/// (Kubernetes, "Jobs", "Specifying your own Pod selector").</summary>
internal static class JobSelector
{
    private const string ControllerUid = "batch.kubernetes.io/controller-uid";
    private const string JobName = "batch.kubernetes.io/job-name";

    // The names before Kubernetes 1.27, which are set too.
    private const string OldControllerUid = "controller-uid";
    private const string OldJobName = "job-name";

    /// <summary>Completes a new job, which has its uid. A job without labels gets those of its pods.</summary>
    public static void Generate(JsonObject job)
    {
        var (meta, spec) = (JsonFilling.Child(job, "metadata"), JsonFilling.Child(job, "spec"));
        if (!IsManual(spec))
        {
            var uid = (string?)meta["uid"];
            var labels = JsonFilling.Child(JsonFilling.Child(JsonFilling.Child(spec, "template"), "metadata"), "labels");
            foreach (var (label, value) in ((string, JsonNode?)[])[(ControllerUid, uid), (JobName, meta["name"]), (OldControllerUid, uid), (OldJobName, meta["name"])])
            {
                labels[label] = value?.DeepClone();
            }

            JsonFilling.Child(JsonFilling.Child(spec, "selector"), "matchLabels")[ControllerUid] = uid;
        }

        if (meta["labels"] is not JsonObject { Count: > 0 } && spec["template"]?["metadata"]?["labels"] is JsonObject { Count: > 0 } ofPods)
        {
            meta["labels"] = ofPods.DeepClone();
        }
    }

    /// <summary>Checks a selector that the user chose, or that none was chosen.</summary>
    public static void Check(JsonObject job, FieldErrors errors)
    {
        var spec = job["spec"] as JsonObject;
        var labels = spec?["template"]?["metadata"]?["labels"] as JsonObject ?? [];
        var selector = spec?["selector"] as JsonObject;
        MetadataValidation.Selector(errors, "spec.selector", selector);
        if (IsManual(spec))
        {
            if (selector is null)
            {
                errors.Required("spec.selector");
            }
            else if (!MetadataValidation.Selects(selector, labels))
            {
                errors.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
            }

            return;
        }

        // A new job has no uid yet, so whatever it says of one is that of another job.
        var uid = (string?)job["metadata"]?["uid"];
        if (selector is not null && !(uid is not null && MetadataValidation.Selects(selector, new JsonObject { [ControllerUid] = uid })))
        {
            errors.Invalid("spec.selector", selector, "`selector` not auto-generated");
        }

        foreach (var label in (string[])[ControllerUid, OldControllerUid])
        {
            if (labels[label] is { } given && (string?)given != uid)
            {
                errors.Invalid($"spec.template.metadata.labels[{label}]", given, uid is null ? "must be the uid of the job, which is generated" : $"must be '{uid}'");
            }
        }

        foreach (var label in (string[])[JobName, OldJobName])
        {
            if (labels[label] is { } given && (string?)given != (string?)job["metadata"]?["name"])
            {
                errors.Invalid($"spec.template.metadata.labels[{label}]", given, $"must be '{(string?)job["metadata"]?["name"]}'");
            }
        }
    }

    private static bool IsManual(JsonObject? spec) => JsonFilling.IsTrue(spec?["manualSelector"]);
}
