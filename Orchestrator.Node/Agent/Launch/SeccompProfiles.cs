using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>The files of a node that say which system calls containers may make (Kubernetes, "Restrict a Container's Syscalls with seccomp": <c>localhostProfile</c>).</summary>
/// <param name="folder">Their folder, which only the owner of the node writes to.</param>
internal sealed class SeccompProfiles(string folder)
{
    private const int MaxBytes = 1 << 20;

    /// <summary>The profile of a container; null if it names none of the node.</summary>
    /// <exception cref="LaunchException">The file is missing or no profile.</exception>
    public string? Of(PodManifest pod, V1Container container)
    {
        if ((container.SecurityContext?.SeccompProfile ?? pod.Spec.SecurityContext?.SeccompProfile) is not { Type: "Localhost", LocalhostProfile: { } name })
        {
            return null;
        }

        var file = new FileInfo(Path.Combine(folder, name));
        if (!file.Exists || file.Length > MaxBytes)
        {
            throw new LaunchException($"seccomp profile \"{name}\" of the node cannot be read: {(file.Exists ? "it is larger than 1 MiB" : $"put it into {folder}")}");
        }

        try
        {
            return JsonNode.Parse(File.ReadAllText(file.FullName))?.ToJsonString() ?? throw new LaunchException($"seccomp profile \"{name}\" of the node is empty");
        }
        catch (System.Text.Json.JsonException e)
        {
            throw new LaunchException($"seccomp profile \"{name}\" of the node is no JSON: {e.Message}");
        }
    }
}
