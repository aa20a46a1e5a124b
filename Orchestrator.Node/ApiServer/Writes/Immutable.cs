using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Requests;
using Orchestrator.Node.ApiServer.Validation;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>Fields that an update must not change.</summary>
internal static class Immutable
{
    private const string PodRule = "pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, "
        + "`spec.activeDeadlineSeconds` and `spec.tolerations` (only additions)";

    public static void Check(KubeObject current, JsonObject wanted, string subresource)
    {
        if (subresource == "status")
        {
            return;
        }

        var old = current.ToNode();
        Defaults.Fill(current.Kind, old);
        var causes = new Causes();
        switch (current.Kind.Kind)
        {
            case "Deployment" or "ReplicaSet" when !JsonNode.DeepEquals(old["spec"]?["selector"], wanted["spec"]?["selector"]):
                causes.Invalid("spec.selector", wanted["spec"]?["selector"], "field is immutable");
                break;
            case "Pod":
                Pod(causes, old["spec"] as JsonObject ?? [], wanted["spec"] as JsonObject ?? []);
                break;
            case "Secret" when !JsonNode.DeepEquals(old["type"], wanted["type"]):
                causes.Invalid("type", wanted["type"], "field is immutable");
                break;
            default:
                break;
        }

        if (current.Kind.Kind is "ConfigMap" or "Secret" && old["immutable"]?.GetValue<bool>() == true)
        {
            foreach (var field in (string[])["immutable", "data", "binaryData"])
            {
                if (!JsonNode.DeepEquals(old[field], wanted[field]))
                {
                    causes.Forbidden(field, "field is immutable when `immutable` is set");
                }
            }
        }

        if (causes.All.Count > 0)
        {
            throw Decoding.Refused(current.Kind, current.Name, causes.All);
        }
    }

    private static void Pod(Causes causes, JsonObject old, JsonObject wanted)
    {
        if (!JsonNode.DeepEquals(Fixed(old), Fixed(wanted)))
        {
            causes.Forbidden("spec", PodRule);
        }

        var kept = (wanted["tolerations"] as JsonArray ?? []).ToList();
        if ((old["tolerations"] as JsonArray ?? []).Any(t => !kept.Any(k => JsonNode.DeepEquals(k, t))))
        {
            causes.Forbidden("spec.tolerations", "existing tolerations may not be changed or removed");
        }
    }

    // The spec without what may change.
    private static JsonObject Fixed(JsonObject spec)
    {
        var copy = (JsonObject)spec.DeepClone();
        copy.Remove("activeDeadlineSeconds");
        copy.Remove("tolerations");
        foreach (var list in (string[])["containers", "initContainers"])
        {
            foreach (var container in (copy[list] as JsonArray ?? []).OfType<JsonObject>())
            {
                container.Remove("image");
            }
        }

        return copy;
    }
}
