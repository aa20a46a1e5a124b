using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.ApiServer;

/// <summary>The defaults of each kind, as a stored object shows them.</summary>
internal static class Workloads
{
    public static void Default(KindInfo kind, JsonObject o)
    {
        if (kind == Kinds.Pod && o["spec"] is JsonObject pod)
        {
            DefaultPod(pod);
            Admit(pod);
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
                DefaultPod(template);
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

    private static void DefaultPod(JsonObject spec)
    {
        Set(spec, "restartPolicy", "Always");
        Set(spec, "dnsPolicy", "ClusterFirst");
        Set(spec, "schedulerName", "default-scheduler");
        Set(spec, "terminationGracePeriodSeconds", 30);
        Child(spec, "securityContext");
        foreach (var volume in Items(spec, "volumes"))
        {
            foreach (var source in (string[])["configMap", "secret", "downwardAPI", "projected"])
            {
                if (volume[source] is JsonObject files)
                {
                    Set(files, "defaultMode", 420);
                }
            }

            if (volume["hostPath"] is JsonObject host)
            {
                Set(host, "type", "");
            }

            if (volume.Count == 1)
            {
                volume["emptyDir"] = new JsonObject();
            }
        }

        foreach (var container in Items(spec, "initContainers").Concat(Items(spec, "containers")))
        {
            var image = container["image"]?.GetValue<string>() ?? "";
            var isLatest = image.EndsWith(":latest", StringComparison.Ordinal) || !image.Contains(':', StringComparison.Ordinal);
            Set(container, "imagePullPolicy", isLatest ? "Always" : "IfNotPresent");
            Set(container, "terminationMessagePath", "/dev/termination-log");
            Set(container, "terminationMessagePolicy", "File");
            Child(container, "resources");
            foreach (var port in Items(container, "ports"))
            {
                Set(port, "protocol", "TCP");
            }

            foreach (var variable in Items(container, "env"))
            {
                if (variable["valueFrom"]?["fieldRef"] is JsonObject field)
                {
                    Set(field, "apiVersion", "v1");
                }
            }

            foreach (var probe in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
            {
                DefaultProbe(container[probe] as JsonObject);
            }
        }
    }

    // What a pod itself gets, and a template does not.
    private static void Admit(JsonObject spec)
    {
        Set(spec, "enableServiceLinks", true);
        Set(spec, "serviceAccountName", "default");
        foreach (var resources in Items(spec, "initContainers").Concat(Items(spec, "containers")).Select(c => Child(c, "resources")))
        {
            foreach (var (name, limit) in (resources["limits"] as JsonObject ?? []).ToList())
            {
                Set(Child(resources, "requests"), name, limit!.DeepClone());
            }
        }

        var tolerations = spec["tolerations"] as JsonArray ?? [];
        spec["tolerations"] = tolerations;
        foreach (var taint in (string[])["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"])
        {
            if (!tolerations.OfType<JsonObject>().Any(t => IsFor(t, "key", taint) && IsFor(t, "effect", "NoExecute")))
            {
                tolerations.Add(new JsonObject { ["key"] = taint, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = 300 });
            }
        }
    }

    private static bool IsFor(JsonObject toleration, string name, string value) => toleration[name]?.GetValue<string>() is null or "" || toleration[name]!.GetValue<string>() == value;

    private static void DefaultProbe(JsonObject? probe)
    {
        if (probe is null)
        {
            return;
        }

        Positive(probe, "timeoutSeconds", 1);
        Positive(probe, "periodSeconds", 10);
        Positive(probe, "successThreshold", 1);
        Positive(probe, "failureThreshold", 3);
        if (probe["httpGet"] is JsonObject http)
        {
            Set(http, "path", "/");
            Set(http, "scheme", "HTTP");
        }

        if (probe["grpc"] is JsonObject grpc)
        {
            Set(grpc, "service", "");
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

    private static void Positive(JsonObject o, string name, int value)
    {
        if (o[name].AsInt64() is null or 0)
        {
            o[name] = value;
        }
    }

    private static JsonObject Child(JsonObject o, string name)
    {
        if (o[name] is not JsonObject child)
        {
            o[name] = child = [];
        }

        return child;
    }

    private static IEnumerable<JsonObject> Items(JsonObject o, string name) => (o[name] as JsonArray ?? []).OfType<JsonObject>();

    private static void Set(JsonObject o, string name, JsonNode value)
    {
        if (o[name] is null)
        {
            o[name] = value;
        }
    }
}
