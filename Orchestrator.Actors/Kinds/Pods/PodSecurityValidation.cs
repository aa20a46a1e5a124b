using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Validation.MetadataValidation;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Validates the security context of a pod (Kubernetes, "Using sysctls in a Kubernetes Cluster").</summary>
internal static partial class PodSecurityValidation
{
    private const int MaxName = 253;

    // Parameters of namespaces that a pod may share with its host.
    private static readonly string[] OfIpc = ["kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue."];

    public static void Check(FieldErrors causes, string path, JsonObject? spec)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (sysctl, i) in Items(spec?["securityContext"] as JsonObject, "sysctls"))
        {
            var at = At($"{path}.securityContext.sysctls", i, "name");
            var name = ((string?)sysctl["name"] ?? "").Replace('/', '.');
            if (name.Length == 0)
            {
                causes.Required(at);
            }
            else if (name.Length > MaxName || !Form().IsMatch(name))
            {
                causes.Invalid(at, (string?)sysctl["name"], "must have at most 253 characters and be words of lower case letters, digits, - and _, joined by . or /, such as kernel.shm_rmid_forced");
            }
            else if (!seen.Add(name))
            {
                causes.Duplicate(at, (string?)sysctl["name"]);
            }
            else if (IsOn(spec, "hostNetwork") && name.StartsWith("net.", StringComparison.Ordinal))
            {
                causes.Invalid(at, (string?)sysctl["name"], "may not be specified when 'hostNetwork' is set to true");
            }
            else if (IsOn(spec, "hostIPC") && OfIpc.Any(p => name.StartsWith(p, StringComparison.Ordinal)))
            {
                causes.Invalid(at, (string?)sysctl["name"], "may not be specified when 'hostIPC' is set to true");
            }
        }

        SeccompValidation.Check(causes, $"{path}.securityContext", spec?["securityContext"] as JsonObject);
        if (IsOn(spec, "hostPID") && IsOn(spec, "shareProcessNamespace"))
        {
            causes.Invalid($"{path}.shareProcessNamespace", true, "ShareProcessNamespace and HostPID cannot both be enabled");
        }
    }

    private static bool IsOn(JsonObject? spec, string field) => spec?[field] is JsonValue value && value.TryGetValue<bool>(out var isOn) && isOn;

    [GeneratedRegex(@"\A([a-z0-9]([-_a-z0-9]*[a-z0-9])?\.)*[a-z0-9]([-_a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Form();
}
