using Orchestrator.Actors.Kinds.Pods;
using k8s.Models;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Launch;
using Orchestrator.Node.Docker;

namespace Orchestrator.Tests.Agent.Launch;

/// <summary>From a security context to what the engine is asked for.</summary>
public sealed class ContainerSecuritySpec
{
    [Fact]
    public void Nothing_asked_is_the_engines_default()
    {
        Assert.Empty(Options(null, null));
        Assert.Empty(Options(new() { AllowPrivilegeEscalation = true, SeccompProfile = new() { Type = "RuntimeDefault" } }, null));
    }

    [Fact]
    public void Who_may_not_escalate_gets_no_new_privileges() => Assert.Equal(["no-new-privileges"], Options(new() { AllowPrivilegeEscalation = false }, null));

    [Fact]
    public void A_container_takes_the_pods_profiles_unless_it_has_its_own()
    {
        var pod = new V1PodSecurityContext { SeccompProfile = new() { Type = "Unconfined" }, AppArmorProfile = new() { Type = "Unconfined" } };
        Assert.Equal(["seccomp=unconfined", "apparmor=unconfined"], Options(null, pod));
        Assert.Equal(["apparmor=unconfined"], Options(new() { SeccompProfile = new() { Type = "RuntimeDefault" } }, pod));
    }

    [Theory]
    [InlineData(null, null, "1000", null)]
    [InlineData(7L, null, null, "7")]
    [InlineData(7L, 8L, null, "7:8")]
    [InlineData(null, 8L, "1000:1000", "1000:8")]
    [InlineData(null, 8L, "app", "app:8")]
    [InlineData(null, 8L, "", "0:8")]
    public void A_group_without_a_user_goes_with_the_images(long? user, long? group, string? imageUser, string? expected)
    {
        var (pod, container) = Pod(new() { RunAsUser = user }, new() { RunAsGroup = group });
        Assert.Equal(expected, Parameters(pod, container, imageUser, user, group).User);
        Assert.Equal(user is null && group is not null, ContainerSecurity.AsksImage(pod, container));
    }

    private static IList<string> Options(V1SecurityContext? own, V1PodSecurityContext? shared)
    {
        var (pod, container) = Pod(own, shared);
        return Parameters(pod, container, null, null, null).HostConfig.SecurityOpt;
    }

    private static (PodManifest, V1Container) Pod(V1SecurityContext? own, V1PodSecurityContext? shared)
    {
        var container = new V1Container { Name = "a", Image = "i", SecurityContext = own };
        return (new PodManifest(new V1ObjectMeta(), new V1PodSpec { Containers = [container], SecurityContext = shared }), container);
    }

    private static global::Docker.DotNet.Models.CreateContainerParameters Parameters(PodManifest pod, V1Container container, string? imageUser, long? user, long? group)
    {
        var launch = new ContainerLaunch("uid", "ns", "p", "a", 0, "i", [], [], [], null, [], RunAsUser: user, RunAsGroup: group);
        return ContainerParameters.Container(ContainerSecurity.Apply(launch, pod, container, imageUser), "sandbox", new("n", "i"), "/m");
    }
}
