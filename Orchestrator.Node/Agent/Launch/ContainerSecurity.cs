using Orchestrator.Actors.Kinds.Pods;
using k8s.Models;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>Applies the security context other than user and capabilities, and the namespaces that a pod shares (Kubernetes, "Configure a Security Context"). Pure.</summary>
internal static class ContainerSecurity
{
    /// <summary>Whether the user of the image is needed, because only a group is set.</summary>
    public static bool AsksImage(PodManifest pod, V1Container container) =>
        (container.SecurityContext?.RunAsUser ?? pod.Spec.SecurityContext?.RunAsUser) is null
        && (container.SecurityContext?.RunAsGroup ?? pod.Spec.SecurityContext?.RunAsGroup) is not null;

    /// <summary>Returns the launch request with the security context applied. Profiles of the container take precedence over those of the pod.</summary>
    /// <param name="launch">The launch request.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="container">The container in it.</param>
    /// <param name="imageUser">User of the image, such as <c>1000:1000</c> or a name; empty for root, null if not needed.</param>
    public static ContainerLaunch Apply(ContainerLaunch launch, PodManifest pod, V1Container container, string? imageUser)
    {
        var (own, shared) = (container.SecurityContext, pod.Spec.SecurityContext);
        return launch with
        {
            ImageUser = imageUser?.Split(':')[0],
            HasNoNewPrivileges = own?.AllowPrivilegeEscalation == false,
            IsSeccompUnconfined = (own?.SeccompProfile ?? shared?.SeccompProfile)?.Type == "Unconfined",
            IsAppArmorUnconfined = (own?.AppArmorProfile ?? shared?.AppArmorProfile)?.Type == "Unconfined",
            Processes = pod.Spec.HostPID == true ? ProcessNamespace.Host : pod.Spec.ShareProcessNamespace == true ? ProcessNamespace.Pod : ProcessNamespace.Own,
            IsHostIpc = pod.Spec.HostIPC == true,
            Groups = [.. (shared?.SupplementalGroups ?? []).Append(shared?.FsGroup).OfType<long>().Distinct()],
        };
    }
}
