using System.Net;
using k8s.Models;
using Orchestrator.Node.Agent;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.Launch;

public sealed class PodNamesSpec
{
    private const string HostFile = "# the host's\nnameserver 192.0.2.1\nsearch old.example\nsearch corp.example lan\noptions ndots:3 edns0\n";

    [Theory]
    [InlineData(63, '.', 63)]
    [InlineData(64, '.', 63)]
    [InlineData(67, 'a', 63)]
    [InlineData(80, '-', 62)]
    public void A_host_name_has_at_most_63_characters_and_ends_as_a_name_may(int length, char at63, int expected)
    {
        var name = length <= 63 ? new string('a', length) : new string('a', 62) + (at63 == '.' ? 'a' : at63) + new string('a', length - 63);
        var host = PodLauncher.Sandbox(Pod(new V1PodSpec(), name), () => "").Hostname;
        Assert.Equal(name[..expected], host);
    }

    [Fact]
    public void A_subdomain_makes_a_full_name_and_the_host_name_comes_before_the_pod_s()
    {
        var launch = PodLauncher.Sandbox(Pod(new V1PodSpec { Hostname = "db-0", Subdomain = "db" }), () => "");
        Assert.Equal(("db-0", "db.shop.svc.cluster.local"), (launch.Hostname, launch.Domain));
        Assert.Null(PodLauncher.Sandbox(Pod(new V1PodSpec { Hostname = "db-0" }), () => "").Domain);
    }

    [Fact]
    public void A_pod_that_asks_for_it_has_its_full_name_as_host_name_unless_that_is_too_long()
    {
        var launch = PodLauncher.Sandbox(Pod(new V1PodSpec { Hostname = "db-0", Subdomain = "db", SetHostnameAsFQDN = true }), () => "");
        Assert.Equal(("db-0.db.shop.svc.cluster.local", null), (launch.Hostname, launch.Domain));
        Assert.Equal("web", PodLauncher.Sandbox(Pod(new V1PodSpec { SetHostnameAsFQDN = true }), () => "").Hostname);
        var refused = Assert.Throws<ContainerRefusedException>(() => PodLauncher.Sandbox(Pod(new V1PodSpec { Hostname = new string('a', 40), Subdomain = "db", SetHostnameAsFQDN = true }), () => ""));
        Assert.Contains("is too long (64 characters is the max, 66 characters requested)", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "192.0.2.1")]
    [InlineData(true, null)]
    public void A_name_server_at_the_loopback_address_of_the_node_is_no_pod_s(bool hasHostNetwork, string? servers)
    {
        var launch = PodLauncher.Sandbox(Pod(new V1PodSpec { HostNetwork = hasHostNetwork }), () => "nameserver 127.0.0.1\nnameserver 192.0.2.1\n");
        Assert.Equal(servers, launch.Resolver is null ? null : string.Join(' ', launch.Resolver.Nameservers));
    }

    [Theory]
    [InlineData("ClusterFirst", false, null)]
    [InlineData("None", true, "10.0.0.10 | my.example | ndots:2 debug")]
    [InlineData("Default", true, "192.0.2.1 10.0.0.10 | corp.example lan my.example | edns0 ndots:2 debug")]
    public void A_pod_adds_to_what_its_node_knows_or_replaces_it(string policy, bool hasConfig, string? expected)
    {
        var config = new V1PodDNSConfig
        {
            Nameservers = ["10.0.0.10"], Searches = ["my.example"], Options = [new V1PodDNSConfigOption { Name = "ndots", Value = "2" }, new V1PodDNSConfigOption { Name = "debug" }],
        };
        var resolver = PodLauncher.Sandbox(Pod(new V1PodSpec { DnsPolicy = policy, DnsConfig = hasConfig ? config : null }), () => HostFile).Resolver;
        Assert.Equal(expected, resolver is null ? null : string.Join(" | ", ((IEnumerable<string>[])[resolver.Nameservers, resolver.Searches, resolver.Options]).Select(l => string.Join(' ', l))));
    }

    [Theory]
    [InlineData("ClusterFirst", false, false, "10.244.3.1 | shop.svc.cluster.local svc.cluster.local cluster.local corp.example lan | ndots:5")]
    [InlineData("ClusterFirst", false, true, "10.244.3.1 10.0.0.10 | shop.svc.cluster.local svc.cluster.local cluster.local corp.example lan my.example | ndots:2")]
    [InlineData("ClusterFirst", true, false, null)]
    [InlineData("ClusterFirstWithHostNet", true, false, "10.244.3.1 | shop.svc.cluster.local svc.cluster.local cluster.local corp.example lan | ndots:5")]
    [InlineData("Default", false, false, null)]
    [InlineData("None", false, true, "10.0.0.10 | my.example | ndots:2")]
    public void With_a_server_of_the_cluster_a_pod_knows_its_names(string policy, bool hasHostNetwork, bool hasConfig, string? expected)
    {
        var config = new V1PodDNSConfig { Nameservers = ["10.0.0.10"], Searches = ["my.example"], Options = [new V1PodDNSConfigOption { Name = "ndots", Value = "2" }] };
        var spec = new V1PodSpec { DnsPolicy = policy, HostNetwork = hasHostNetwork, DnsConfig = hasConfig ? config : null };
        var resolver = PodLauncher.Sandbox(Pod(spec), () => HostFile, IPAddress.Parse("10.244.3.1")).Resolver;
        Assert.Equal(expected, resolver is null ? null : string.Join(" | ", ((IEnumerable<string>[])[resolver.Nameservers, resolver.Searches, resolver.Options]).Select(l => string.Join(' ', l))));
    }

    private static Orchestrator.Actors.Kinds.Pods.PodManifest Pod(V1PodSpec spec, string name = "web")
    {
        spec.Containers = [new V1Container { Name = "main", Image = "shop:1" }];
        return new V1Pod { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "shop", Uid = "u" }, Spec = spec }.Manifest();
    }
}
