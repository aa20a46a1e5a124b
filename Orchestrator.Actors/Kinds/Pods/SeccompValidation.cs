using System.Text.Json.Nodes;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Validates the system calls that a pod or a container may make (Kubernetes, "Restrict a Container's Syscalls with seccomp"). Pure.</summary>
internal static class SeccompValidation
{
    private const string Localhost = "Localhost";

    /// <summary>Validates the profile of a security context.</summary>
    /// <param name="causes">Collects the errors.</param>
    /// <param name="path">Path of the security context.</param>
    /// <param name="context">The security context.</param>
    public static void Check(FieldErrors causes, string path, JsonObject? context)
    {
        if (context?["seccompProfile"] is not JsonObject profile)
        {
            return;
        }

        var (at, type, file) = ($"{path}.seccompProfile", (string?)profile["type"], (string?)profile["localhostProfile"]);
        causes.OneOf($"{at}.type", type ?? "", Localhost, "RuntimeDefault", "Unconfined");
        if (type == Localhost && string.IsNullOrEmpty(file))
        {
            causes.Required($"{at}.localhostProfile");
        }
        else if (type != Localhost && file is not null)
        {
            causes.Invalid($"{at}.localhostProfile", file, $"can only be set when seccomp type is {Localhost}");
        }
        else if (file is not null && (file.StartsWith('/') || file.Split('/').Contains("..")))
        {
            causes.Invalid($"{at}.localhostProfile", file, "must be a relative path without '..'");
        }
    }
}
