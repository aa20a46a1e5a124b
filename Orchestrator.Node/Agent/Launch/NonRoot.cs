using System.Globalization;
using Orchestrator.Actors.Kinds.Pods;
using k8s.Models;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>Enforces <c>runAsNonRoot</c> (Kubernetes, "Configure a Security Context"). Pure.</summary>
internal static class NonRoot
{
    /// <summary>Whether the user of the image has to be checked.</summary>
    public static bool AsksImage(PodManifest pod, V1Container container) => IsDemanded(pod, container) && User(pod, container) is null;

    /// <param name="pod">The pod.</param>
    /// <param name="container">The container in it.</param>
    /// <param name="imageUser">User of the image, such as <c>1000:1000</c> or a name; empty for root, null if not needed.</param>
    /// <exception cref="LaunchException">It would run as root, or the user cannot be verified.</exception>
    public static void Check(PodManifest pod, V1Container container, string? imageUser)
    {
        if (!IsDemanded(pod, container))
        {
            return;
        }

        var where = $"(pod: \"{pod.Metadata.Name}_{pod.Metadata.NamespaceProperty}({pod.Metadata.Uid})\", container: {container.Name})";
        if (User(pod, container) is { } user)
        {
            if (user == 0)
            {
                throw new LaunchException($"container's runAsUser breaks non-root policy {where}");
            }

            return;
        }

        var name = (imageUser ?? "").Split(':')[0];
        if (name.Length == 0)
        {
            throw new LaunchException($"container has runAsNonRoot and image will run as root {where}");
        }

        if (!long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var uid))
        {
            throw new LaunchException($"container has runAsNonRoot and image has non-numeric user ({name}), cannot verify user is non-root {where}");
        }

        if (uid == 0)
        {
            throw new LaunchException($"container has runAsNonRoot and image will run as root {where}");
        }
    }

    private static bool IsDemanded(PodManifest pod, V1Container container) => (container.SecurityContext?.RunAsNonRoot ?? pod.Spec.SecurityContext?.RunAsNonRoot) == true;

    private static long? User(PodManifest pod, V1Container container) => container.SecurityContext?.RunAsUser ?? pod.Spec.SecurityContext?.RunAsUser;
}
