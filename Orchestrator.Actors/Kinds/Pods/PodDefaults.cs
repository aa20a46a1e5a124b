using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Defaults of the spec of a pod or of a pod template.</summary>
internal static class PodDefaults
{
    /// <summary>Sets absent fields and writes quantities in canonical form.</summary>
    public static void Apply(JsonObject spec)
    {
        Absent(spec, "nodeName", "hostname", "subdomain", "serviceAccountName", "priorityClassName");
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

        foreach (var container in Items(spec, "initContainers").Concat(Items(spec, "containers")).Concat(Items(spec, EphemeralContainers.Member)))
        {
            var image = container["image"]?.GetValue<string>() ?? "";
            var isLatest = image.EndsWith(":latest", StringComparison.Ordinal) || !image.Contains(':', StringComparison.Ordinal);
            Set(container, "imagePullPolicy", isLatest ? "Always" : "IfNotPresent");
            Set(container, "terminationMessagePath", "/dev/termination-log");
            Set(container, "terminationMessagePolicy", "File");
            var resources = Child(container, "resources");
            ResourceAmounts.Canonicalize(resources["limits"]);
            ResourceAmounts.Canonicalize(resources["requests"]);
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

            foreach (var hook in (string[])["postStart", "preStop"])
            {
                DefaultHttp(container["lifecycle"]?[hook]?["httpGet"] as JsonObject);
            }
        }
    }

    // Clients send an empty string for a field that they do not set.
    private static void Absent(JsonObject o, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if ((string?)o[name] is { Length: 0 })
            {
                o.Remove(name);
            }
        }
    }

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
        DefaultHttp(probe["httpGet"] as JsonObject);
        if (probe["grpc"] is JsonObject grpc)
        {
            Set(grpc, "service", "");
        }
    }

    private static void DefaultHttp(JsonObject? http)
    {
        if (http is not null)
        {
            Set(http, "path", "/");
            Set(http, "scheme", "HTTP");
        }
    }

    private static void Positive(JsonObject o, string name, int value)
    {
        if (o[name].AsInt64() is null or 0)
        {
            o[name] = value;
        }
    }
}
