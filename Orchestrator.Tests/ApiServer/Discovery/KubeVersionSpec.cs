using Orchestrator.Node.ApiServer.Discovery;

namespace Orchestrator.Tests.ApiServer.Discovery;

/// <summary>Which version of a group clients prefer.</summary>
public class KubeVersionSpec
{
    [Fact]
    public void Stable_versions_come_first_and_higher_ones_before_lower_ones() =>
        Assert.Equal(["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "foo1", "foo10"],
            new[] { "foo10", "v1", "v11alpha2", "v3beta1", "v12alpha1", "v10", "foo1", "v10beta3", "v2", "v11beta2" }.OrderBy(v => v, KubeVersion.Order));
}
