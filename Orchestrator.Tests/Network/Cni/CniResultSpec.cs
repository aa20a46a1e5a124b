using System.Text.Json.Nodes;
using Orchestrator.Node.Network;
using Orchestrator.Node.Network.Cni;

namespace Orchestrator.Tests.Network.Cni;

/// <summary>What plugins print, well or badly.</summary>
public sealed class CniResultSpec
{
    [Theory]
    [InlineData("""{ "ips": [ { "address": "10.1.0.5/16", "gateway": "10.1.0.1" } ] }""", "10.1.0.5 10.1.0.1")]
    [InlineData("""{ "ips": [ { "version": "4", "address": "10.1.0.5/16" } ] }""", "10.1.0.5 ")]
    [InlineData("""{ "interfaces": [ { "name": "br0" }, { "name": "eth0", "sandbox": "/run/netns/x" } ], "ips": [ { "interface": 0, "address": "10.1.0.1/16" }, { "interface": 1, "address": "10.1.0.5/16" } ] }""", "10.1.0.5 ")]
    [InlineData("""{ "ips": [ { "address": "fd00::5/64", "gateway": "fd00::1" }, { "address": "10.1.0.5/16" } ] }""", "10.1.0.5,fd00::5 ")]
    [InlineData("""{ "ips": [ { "address": "fd00::5/64", "gateway": "fd00::1" }, { "address": "fd00::6/64" } ] }""", "fd00::5 fd00::1")]
    [InlineData("""{ "ips": [ { "interface": 7, "address": "10.1.0.5/16" }, { "interface": -1, "address": "10.1.0.5/16" } ] }""", "the plugins gave the pod no address")]
    [InlineData("""{ "ips": [ 1, { "address": 2 }, { "address": "no" }, { } ], "interfaces": 3 }""", "the plugins gave the pod no address")]
    [InlineData("""{ "ips": { } }""", "the plugins gave the pod no address")]
    [InlineData("{}", "the plugins gave the pod no address")]
    public void The_address_of_a_pod_is_the_first_one_that_is_not_the_hosts(string body, string expected)
    {
        string said;
        try
        {
            var result = CniResult.Of(JsonNode.Parse(body)!.AsObject());
            said = $"{result.Addresses} {result.Gateway}";
        }
        catch (NetworkException e)
        {
            said = e.Message;
        }

        Assert.Equal(expected, said);
    }

    [Theory]
    [InlineData("""{ "cniVersion": "1.0.0", "code": 11, "msg": "full", "details": "no address left" }""", "noise", "plugin x: full: no address left (code 11)")]
    [InlineData("""{ "code": "11", "msg": "full" }""", "", "plugin x: full")]
    [InlineData("""{ "code": 11 }""", "", """plugin x: { "code": 11 }""")]
    [InlineData("", "panic:\n\tmain\u001b[31m\n", "plugin x: panic:  main [31m")]
    [InlineData("", "", "plugin x: it ended with 3 and said nothing")]
    public void A_failure_is_said_on_one_line(string output, string errors, string expected) => Assert.Equal(expected, CniResult.Failure("x", 3, output, errors));

    [Fact]
    public void What_is_said_of_a_failure_is_not_longer_than_anybody_reads() => Assert.InRange(CniResult.Failure("x", 1, "", new string('y', 100_000)).Length, 1000, 1100);

    [Fact]
    public void Versions_are_those_that_are_texts() => Assert.Equal(["1.0.0"], CniResult.Versions(JsonNode.Parse("""{ "supportedVersions": [ "1.0.0", 7, null ] }""")!.AsObject()));
}
