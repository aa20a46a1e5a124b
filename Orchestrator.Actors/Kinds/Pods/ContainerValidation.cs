using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Validation.MetadataValidation;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Validates one container: image, ports, environment, resources, mounts and probes.</summary>
internal static class ContainerValidation
{
    private static readonly string[] Handlers = ["exec", "httpGet", "tcpSocket", "grpc"];

    public static void Check(FieldErrors causes, string path, JsonObject c, IReadOnlySet<string> volumes, long grace)
    {
        if (c["image"]?.GetValue<string>() is not { } image || image.Trim().Length == 0)
        {
            causes.Required($"{path}.image");
        }
        else if (image != image.Trim())
        {
            causes.Invalid($"{path}.image", image, "must not have leading or trailing whitespace");
        }

        causes.OneOf($"{path}.imagePullPolicy", Text(c, "imagePullPolicy"), "Always", "IfNotPresent", "Never");
        causes.OneOf($"{path}.terminationMessagePolicy", Text(c, "terminationMessagePolicy"), "FallbackToLogsOnError", "File");
        Ports(causes, $"{path}.ports", c);
        Environment(causes, $"{path}.env", c);
        Resources(causes, $"{path}.resources", c["resources"] as JsonObject);
        Mounts(causes, $"{path}.volumeMounts", c, volumes);
        Escalation(causes, $"{path}.securityContext", c["securityContext"] as JsonObject);
        SeccompValidation.Check(causes, $"{path}.securityContext", c["securityContext"] as JsonObject);
        foreach (var probe in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
        {
            Probe(causes, $"{path}.{probe}", c[probe] as JsonObject);
        }

        foreach (var hook in (string[])["postStart", "preStop"])
        {
            if (c["lifecycle"]?[hook] is JsonObject handler)
            {
                OneHandler(causes, $"{path}.lifecycle.{hook}", handler, ["exec", "httpGet", "tcpSocket", "sleep"]);
                if (handler["sleep"] is JsonObject sleep && (sleep["seconds"].AsInt64() is not { } seconds || seconds < 0 || seconds > grace))
                {
                    causes.Invalid($"{path}.lifecycle.{hook}.sleep", sleep["seconds"] ?? 0, $"must be non-negative and less than terminationGracePeriodSeconds ({grace})");
                }
            }
        }
    }

    /// <summary>Validates fields that only sidecars, or only init containers, may have.</summary>
    public static void CheckRole(FieldErrors causes, string path, JsonObject c, bool isInit)
    {
        if (!isInit)
        {
            if (c["restartPolicy"] is not null)
            {
                causes.Forbidden($"{path}.restartPolicy", "may not be set for non-init containers");
            }

            return;
        }

        causes.OneOf($"{path}.restartPolicy", Text(c, "restartPolicy"), "Always");
        if (Text(c, "restartPolicy") is null)
        {
            foreach (var field in (string[])["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"])
            {
                if (c[field] is not null)
                {
                    causes.Forbidden($"{path}.{field}", "may not be set for init containers without restartPolicy=Always");
                }
            }
        }
    }

    private static void Ports(FieldErrors causes, string path, JsonObject c)
    {
        var names = new HashSet<string>();
        foreach (var (port, i) in Items(c, "ports"))
        {
            causes.Port(At(path, i, "containerPort"), port["containerPort"]);
            if (port["hostPort"].AsInt64() is not (null or 0))
            {
                causes.Port(At(path, i, "hostPort"), port["hostPort"]);
            }

            if (Text(port, "hostIP") is { Length: > 0 } address && !IpAddresses.IsAddress(address))
            {
                causes.Invalid(At(path, i, "hostIP"), address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
            }

            causes.OneOf(At(path, i, "protocol"), Text(port, "protocol"), "SCTP", "TCP", "UDP");
            if (Text(port, "name") is { Length: > 0 } name)
            {
                if (Names.PortName(name) is { } error)
                {
                    causes.Invalid(At(path, i, "name"), name, error);
                }
                else if (!names.Add(name))
                {
                    causes.Duplicate(At(path, i, "name"), name);
                }
            }
        }
    }

    private static void Environment(FieldErrors causes, string path, JsonObject c)
    {
        foreach (var (variable, i) in Items(c, "env"))
        {
            causes.Named(At(path, i, "name"), Text(variable, "name"), Names.Variable);
            if (variable["valueFrom"] is not JsonObject source)
            {
                continue;
            }

            var at = At(path, i, "valueFrom");
            if (source.Count == 0)
            {
                causes.Invalid(at, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
            }
            else if (Text(variable, "value") is { Length: > 0 })
            {
                causes.Invalid(at, "", "may not be specified when `value` is not empty");
            }
            else if (source.Count > 1)
            {
                causes.Invalid(at, "", "may not have more than one field specified at a time");
            }

            foreach (var kind in (string[])["configMapKeyRef", "secretKeyRef"])
            {
                if (source[kind] is JsonObject reference && Text(reference, "key") is null or "")
                {
                    causes.Required($"{at}.{kind}.key");
                }
            }

            if (source["fieldRef"] is JsonObject field && Text(field, "fieldPath") is null or "")
            {
                causes.Required($"{at}.fieldRef.fieldPath");
            }
        }
    }

    private static void Mounts(FieldErrors causes, string path, JsonObject c, IReadOnlySet<string> volumes)
    {
        var targets = new HashSet<string>();
        foreach (var (mount, i) in Items(c, "volumeMounts"))
        {
            if (Text(mount, "name") is not { Length: > 0 } name)
            {
                causes.Required(At(path, i, "name"));
            }
            else if (!volumes.Contains(name))
            {
                causes.NotFound(At(path, i, "name"), name);
            }

            switch (Text(mount, "mountPath"))
            {
                case null or "":
                    causes.Required(At(path, i, "mountPath"));
                    break;
                case { } target when target.Contains(':', StringComparison.Ordinal):
                    causes.Invalid(At(path, i, "mountPath"), target, "must not contain ':'");
                    break;
                case { } target when !targets.Add(target):
                    causes.Invalid(At(path, i, "mountPath"), target, "must be unique");
                    break;
            }

            causes.Descending(At(path, i, "subPath"), Text(mount, "subPath"));
            causes.Descending(At(path, i, "subPathExpr"), Text(mount, "subPathExpr"));
            if (Text(mount, "subPath") is { Length: > 0 } && Text(mount, "subPathExpr") is { Length: > 0 } expression)
            {
                causes.Invalid(At(path, i, "subPathExpr"), expression, "subPathExpr and subPath are mutually exclusive");
            }

            causes.OneOf(At(path, i, "mountPropagation"), Text(mount, "mountPropagation"), "Bidirectional", "HostToContainer", "None");
            if (Text(mount, "mountPropagation") == "Bidirectional" && c["securityContext"]?["privileged"]?.GetValue<bool>() != true)
            {
                causes.Forbidden(At(path, i, "mountPropagation"), "Bidirectional mount propagation is available only to privileged containers");
            }
        }
    }

    // A container with all privileges cannot forbid privilege escalation.
    private static void Escalation(FieldErrors causes, string path, JsonObject? security)
    {
        if (security?["allowPrivilegeEscalation"]?.GetValue<bool>() != false)
        {
            return;
        }

        if (security["privileged"]?.GetValue<bool>() == true)
        {
            causes.Invalid(path, security, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        }

        if ((security["capabilities"]?["add"] as JsonArray ?? []).Any(a => a?.ToString() is "CAP_SYS_ADMIN"))
        {
            causes.Invalid(path, security, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
        }
    }

    private static void Resources(FieldErrors causes, string path, JsonObject? resources)
    {
        var limits = resources?["limits"] as JsonObject ?? [];
        foreach (var list in (string[])["limits", "requests"])
        {
            foreach (var (name, value) in resources?[list] as JsonObject ?? [])
            {
                var amount = Quantity.Read(value)?.Nanos ?? 0;
                var at = $"{path}.{list}.{name}";
                if (name is not ("cpu" or "memory" or "ephemeral-storage") && !name.StartsWith("hugepages-", StringComparison.Ordinal) && !name.Contains('/', StringComparison.Ordinal))
                {
                    causes.Invalid(at, name, "must be a standard resource type or fully qualified");
                }
                else if (amount < 0)
                {
                    causes.Invalid(at, value, "must be greater than or equal to 0");
                }
                else if (list == "requests" && limits[name] is { } limit && amount > (Quantity.Read(limit)?.Nanos ?? 0))
                {
                    causes.Invalid($"{path}.requests", value, $"must be less than or equal to {name} limit of {limit.ToJsonString().Trim('"')}");
                }
            }
        }
    }

    private static void Probe(FieldErrors causes, string path, JsonObject? probe)
    {
        if (probe is null)
        {
            return;
        }

        OneHandler(causes, path, probe, Handlers);
        causes.NotNegative(path, probe, "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold");
        if (!path.EndsWith("readinessProbe", StringComparison.Ordinal) && probe["successThreshold"].AsInt64() is > 1)
        {
            causes.Invalid($"{path}.successThreshold", probe["successThreshold"], "must be 1");
        }
    }

    private static void OneHandler(FieldErrors causes, string path, JsonObject o, string[] known)
    {
        var given = known.Where(h => o[h] is not null).ToList();
        if (given.Count == 0)
        {
            causes.Required(path, "must specify a handler type");
        }

        foreach (var second in given.Skip(1))
        {
            causes.Forbidden($"{path}.{second}", "may not specify more than 1 handler type");
        }

        if (o["exec"] is JsonObject exec && exec["command"] is not JsonArray { Count: > 0 })
        {
            causes.Required($"{path}.exec.command");
        }

        foreach (var net in (string[])["httpGet", "tcpSocket", "grpc"])
        {
            if (given.Contains(net))
            {
                causes.Port($"{path}.{net}.port", o[net]!["port"], mayBeName: net != "grpc");
            }
        }

        causes.OneOf($"{path}.httpGet.scheme", o["httpGet"] is JsonObject http ? Text(http, "scheme") : null, "HTTP", "HTTPS");
    }

    private static string? Text(JsonObject o, string name) => o[name]?.GetValue<string>();
}
