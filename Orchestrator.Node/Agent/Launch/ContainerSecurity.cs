using Orchestrator.Actors.Kinds.Pods;
using k8s.Models;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>Applies the security context other than user and capabilities (Kubernetes, "Configure a Security Context"). Pure.</summary>
internal static class ContainerSecurity
{
    /// <summary>Whether the image's user is needed: a group alone goes with it.</summary>
    public static bool AsksImage(PodManifest pod, V1Container container) =>
        (container.SecurityContext?.RunAsUser ?? pod.Spec.SecurityContext?.RunAsUser) is null
        && (container.SecurityContext?.RunAsGroup ?? pod.Spec.SecurityContext?.RunAsGroup) is not null;

    /// <summary>The attempt, confined as the pod asks. A container's own profile goes before the pod's.</summary>
    /// <param name="launch">The attempt.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="container">The container in it.</param>
    /// <param name="imageUser">The image's user, such as <c>1000:1000</c> or a name; empty for root; null when nobody asked.</param>
    public static ContainerLaunch Apply(ContainerLaunch launch, PodManifest pod, V1Container container, string? imageUser)
    {
        var (own, shared) = (container.SecurityContext, pod.Spec.SecurityContext);
        return launch with
        {
            ImageUser = imageUser?.Split(':')[0],
            HasNoNewPrivileges = own?.AllowPrivilegeEscalation == false,
            IsSeccompUnconfined = (own?.SeccompProfile ?? shared?.SeccompProfile)?.Type == "Unconfined",
            IsAppArmorUnconfined = (own?.AppArmorProfile ?? shared?.AppArmorProfile)?.Type == "Unconfined",
        };
    }
}
