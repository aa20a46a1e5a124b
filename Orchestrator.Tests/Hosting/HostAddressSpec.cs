using Orchestrator.Node.Hosting;

namespace Orchestrator.Tests.Hosting;

/// <summary>Where pods reach the API server of a host, by where it listens and which family the Service <c>default/kubernetes</c> has.</summary>
public sealed class HostAddressSpec
{
    [Theory]
    [InlineData("127.0.0.1:6443", "10.96.0.0/16", null)]
    [InlineData("[::1]:6443", "fd00:96::/112", null)]
    [InlineData("0.0.0.0:6443", "10.96.0.0/16", "192.0.2.7:6443")]
    [InlineData("[::]:6443", "10.96.0.0/16", "192.0.2.7:6443")]
    [InlineData("0.0.0.0:6443", "fd00:96::/112", null)]
    [InlineData("192.0.2.9:6443", "10.96.0.0/16", "192.0.2.9:6443")]
    [InlineData("192.0.2.9:6443", "fd00:96::/112", null)]
    [InlineData("[2001:db8::9]:6443", "fd00:96::/112,10.96.0.0/16", "[2001:db8::9]:6443")]
    [InlineData("[2001:db8::9]:6443", "10.96.0.0/16,fd00:96::/112", null)]
    public void The_api_server_is_reached_by_the_family_of_its_service(string listen, string services, string? expected) => Assert.Equal(expected,
        HostAddress.OfApi(NodeCommand.Read(["--api-address", listen, "--service-cidr", services, "--cluster-address", "192.0.2.7:4053"], _ => null).Options!)?.ToString());
}
