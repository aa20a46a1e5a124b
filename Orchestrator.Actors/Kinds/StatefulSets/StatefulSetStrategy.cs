using Orchestrator.Actors.Kinds.Pods;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.StatefulSets;

/// <summary>Rules of StatefulSets (Kubernetes, "StatefulSets").</summary>
internal sealed class StatefulSetStrategy() : WorkloadStrategy("StatefulSet")
{
    private static readonly string[] Changeable = ["minReadySeconds", "ordinals", "persistentVolumeClaimRetentionPolicy", "replicas", "revisionHistoryLimit", "template", "updateStrategy"];

    public override void Default(JsonObject o)
    {
        base.Default(o);
        if (o["spec"] is not JsonObject spec)
        {
            return;
        }

        Set(spec, "podManagementPolicy", "OrderedReady");
        Set(spec, "revisionHistoryLimit", 10);
        var update = Child(spec, "updateStrategy");
        Set(update, "type", "RollingUpdate");
        if ((string?)update["type"] == "RollingUpdate")
        {
            Set(Child(update, "rollingUpdate"), "partition", 0);
        }

        var retention = Child(spec, "persistentVolumeClaimRetentionPolicy");
        Set(retention, "whenDeleted", "Retain");
        Set(retention, "whenScaled", "Retain");
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        base.Validate(o, errors);
        StartAfter.Validate(o, StatefulSetDefinition.Instance, errors);
        var spec = o["spec"] as JsonObject;
        errors.OneOf("spec.podManagementPolicy", (string?)spec?["podManagementPolicy"], "OrderedReady", "Parallel");
        errors.OneOf("spec.updateStrategy.type", (string?)spec?["updateStrategy"]?["type"], "OnDelete", "RollingUpdate");
        var rolling = spec?["updateStrategy"]?["rollingUpdate"] as JsonObject;
        errors.NotNegative("spec.updateStrategy.rollingUpdate", rolling, "partition");
        if (Shares.Check(errors, "spec.updateStrategy.rollingUpdate", rolling, "maxUnavailable", atMost100: true) == 0)
        {
            errors.Invalid("spec.updateStrategy.rollingUpdate.maxUnavailable", rolling!["maxUnavailable"], "cannot be 0");
        }

        var ordinals = spec?["ordinals"] as JsonObject;
        errors.NotNegative("spec.ordinals", ordinals, "start");
        if ((ordinals?["start"].AsInt64() ?? 0) + (spec?["replicas"].AsInt64() ?? 1) > int.MaxValue)
        {
            errors.Invalid("spec.ordinals.start", ordinals!["start"], "the numbers of all replicas must not be greater than 2147483647");
        }

        foreach (var when in (string[])["whenDeleted", "whenScaled"])
        {
            errors.OneOf($"spec.persistentVolumeClaimRetentionPolicy.{when}", (string?)spec?["persistentVolumeClaimRetentionPolicy"]?[when], "Delete", "Retain");
        }
    }

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(Fixed(o), Fixed(old)))
        {
            errors.Forbidden("spec", $"updates to statefulset spec for fields other than {string.Join(", ", Changeable.Select(c => $"'{c}'"))} are forbidden");
        }
    }

    public override IEnumerable<string> Warnings(JsonObject o) => PodWarnings.Of("spec.template.spec", PodSpec(o));

    // The claims of a pod are volumes of it.
    protected override JsonObject? PodSpec(JsonObject o)
    {
        if (base.PodSpec(o) is not { } spec || o["spec"]?["volumeClaimTemplates"] is not JsonArray { Count: > 0 } templates)
        {
            return base.PodSpec(o);
        }

        var names = templates.Select(t => (string?)t?["metadata"]?["name"]).ToList();
        var mounted = (JsonObject)spec.DeepClone();
        mounted["volumes"] = new JsonArray(
        [
            .. names.Select(n => (JsonNode)new JsonObject { ["name"] = n, ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = n } }),
            .. Items(spec, "volumes").Where(v => !names.Contains((string?)v["name"])).Select(v => v.DeepClone()),
        ]);
        return mounted;
    }

    private static JsonObject Fixed(JsonObject o) =>
        new((o["spec"] as JsonObject ?? []).Where(p => !Changeable.Contains(p.Key)).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
}
