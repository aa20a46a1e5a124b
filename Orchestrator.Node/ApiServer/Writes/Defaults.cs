using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Pods;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>The defaults of each kind, as a stored object shows them.</summary>
internal static class Defaults
{
    public static void Fill(KindInfo kind, JsonObject o)
    {
        if (kind == Kinds.Pod && o["spec"] is JsonObject pod)
        {
            PodAdmission.Complete(pod);
        }

        switch (kind.Kind)
        {
            case "Service" when o["spec"] is JsonObject service:
                DefaultService(service);
                break;
            case "Secret":
                DefaultSecret(o);
                break;
            case "Namespace" when o["metadata"] is JsonObject meta && meta["name"]?.GetValue<string>() is { Length: > 0 } name:
                Child(meta, "labels")["kubernetes.io/metadata.name"] = name;
                break;
            default:
                break;
        }

        if (kind.Group == "apps" && o["spec"] is JsonObject spec)
        {
            Set(spec, "replicas", 1);
            if (spec["template"]?["spec"] is JsonObject template)
            {
                PodDefaults.Apply(template);
            }

            if (kind == Kinds.Deployment)
            {
                Set(spec, "revisionHistoryLimit", 10);
                Set(spec, "progressDeadlineSeconds", 600);
                var strategy = spec["strategy"] as JsonObject ?? [];
                spec["strategy"] = strategy;
                Set(strategy, "type", "RollingUpdate");
                if (strategy["type"]!.GetValue<string>() == "RollingUpdate")
                {
                    var rolling = strategy["rollingUpdate"] as JsonObject ?? [];
                    strategy["rollingUpdate"] = rolling;
                    Set(rolling, "maxSurge", "25%");
                    Set(rolling, "maxUnavailable", "25%");
                }
            }
        }
    }

    private static void DefaultService(JsonObject spec)
    {
        Set(spec, "type", "ClusterIP");
        Set(spec, "sessionAffinity", "None");
        if (spec["sessionAffinity"]!.GetValue<string>() == "ClientIP")
        {
            Set(Child(Child(spec, "sessionAffinityConfig"), "clientIP"), "timeoutSeconds", 10800);
        }

        if (spec["type"]!.GetValue<string>() != "ExternalName")
        {
            Set(spec, "internalTrafficPolicy", "Cluster");
        }

        foreach (var port in Items(spec, "ports"))
        {
            Set(port, "protocol", "TCP");
            if (port["port"] is { } number)
            {
                Set(port, "targetPort", number.DeepClone());
            }
        }
    }

    private static void DefaultSecret(JsonObject o)
    {
        Set(o, "type", "Opaque");
        foreach (var (key, text) in (o["stringData"] as JsonObject ?? []).ToList())
        {
            Child(o, "data")[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text!.GetValue<string>()));
        }

        o.Remove("stringData"); // Only ever written.
    }
}
