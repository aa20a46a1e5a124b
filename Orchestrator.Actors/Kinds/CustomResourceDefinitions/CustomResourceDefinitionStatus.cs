using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Kinds.CustomResourceDefinitions;

/// <summary>Computes the status of a CustomResourceDefinition: accepted names, conditions and stored versions. Pure.</summary>
internal static class CustomResourceDefinitionStatus
{
    private static readonly string[] Conditions = ["NamesAccepted", "Established"];

    /// <summary>Whether its objects are served.</summary>
    public static bool IsEstablished(JsonObject crd) => Condition(crd, "Established") is { } established && (string?)established["status"] == "True";

    /// <summary>Returns the new status of a definition.</summary>
    /// <param name="crd">The definition.</param>
    /// <param name="taken">The names of its group that others have.</param>
    /// <param name="now">Transition time of conditions that change.</param>
    public static JsonObject Compute(JsonObject crd, IEnumerable<JsonObject> taken, DateTimeOffset now)
    {
        var spec = (JsonObject)crd["spec"]!;
        var names = (JsonObject)spec["names"]!;
        var conflict = Conflict(names, taken);
        var isEstablished = conflict is null || IsEstablished(crd);
        var stored = (crd["status"]?["storedVersions"] as JsonArray ?? []).Select(v => (string)v!)
            .Union((spec["versions"] as JsonArray ?? []).Where(v => (bool?)v?["storage"] == true).Select(v => (string)v!["name"]!));
        var status = new JsonObject
        {
            ["acceptedNames"] = conflict is null ? names.DeepClone() : crd["status"]?["acceptedNames"]?.DeepClone() ?? new JsonObject { ["kind"] = "", ["plural"] = "" },
            ["storedVersions"] = new JsonArray([.. stored.Select(v => JsonValue.Create(v))]),
        };
        status["conditions"] = new JsonArray(
        [
            .. (crd["status"]?["conditions"] as JsonArray ?? []).Where(c => !Conditions.Contains((string?)c?["type"])).Select(c => c?.DeepClone()),
            conflict is null ? Next(crd, "NamesAccepted", "True", "NoConflicts", "no conflicts found", now) : Next(crd, "NamesAccepted", "False", conflict.Value.Reason, conflict.Value.Message, now),
            isEstablished ? Next(crd, "Established", "True", "InitialNamesAccepted", "the initial names have been accepted", now)
                : Next(crd, "Established", "False", "NotAccepted", "not all names are accepted", now),
        ]);
        return status;
    }

    /// <summary>Whether it has been told that its deletion began.</summary>
    public static bool IsTerminating(JsonObject crd) => Condition(crd, "Terminating") is { } terminating && (string?)terminating["status"] == "True";

    /// <summary>The status of a definition whose deletion began.</summary>
    public static JsonObject Terminating(JsonObject crd, DateTimeOffset now)
    {
        var status = crd["status"]?.DeepClone() as JsonObject ?? [];
        status["conditions"] = new JsonArray(
        [
            .. (status["conditions"] as JsonArray ?? []).Where(c => (string?)c?["type"] != "Terminating").Select(c => c?.DeepClone()),
            Next(crd, "Terminating", "True", "InstanceDeletionInProgress", "its objects are being deleted", now),
        ]);
        return status;
    }

    private static (string Reason, string Message)? Conflict(JsonObject names, IEnumerable<JsonObject> others)
    {
        var (resources, kinds) = (new HashSet<string>(), new HashSet<string>());
        foreach (var other in others)
        {
            resources.UnionWith(Resources(other));
            kinds.UnionWith(Kinds(other));
        }

        return Resources(names).FirstOrDefault(resources.Contains) is { } resource ? ("ResourceNameConflict", $"\"{resource}\" is already in use")
            : Kinds(names).FirstOrDefault(kinds.Contains) is { } kind ? ("KindConflict", $"\"{kind}\" is already in use") : null;
    }

    private static IEnumerable<string> Resources(JsonNode names) =>
        new[] { (string?)names["plural"], (string?)names["singular"] }.Concat((names["shortNames"] as JsonArray ?? []).Select(n => (string?)n)).OfType<string>();

    private static IEnumerable<string> Kinds(JsonNode names) => new[] { (string?)names["kind"], (string?)names["listKind"] }.OfType<string>();

    private static JsonObject Next(JsonObject crd, string type, string value, string reason, string message, DateTimeOffset now) => new()
    {
        ["type"] = type,
        ["status"] = value,
        ["reason"] = reason,
        ["message"] = message,
        ["lastTransitionTime"] = Condition(crd, type) is { } before && (string?)before["status"] == value ? before["lastTransitionTime"]?.DeepClone() : KubeTime.Text(now),
    };

    private static JsonObject? Condition(JsonObject crd, string type) =>
        (crd["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>().FirstOrDefault(c => (string?)c["type"] == type);
}
