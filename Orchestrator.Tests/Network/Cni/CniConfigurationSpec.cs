using System.Text.Json.Nodes;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Network;
using Orchestrator.Node.Network.Cni;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Network.Cni;

/// <summary>Configurations as their authors write them, and what plugins are asked because of them.</summary>
public sealed class CniConfigurationSpec
{
    [Theory]
    [InlineData("""{ "cniVersion": "1.0.0", "name": "a", "plugins": [ { "type": "bridge" }, { "type": "portmap" } ] }""", "a 1.0.0: bridge portmap")]
    [InlineData("""{ "cniVersion": "0.3.1", "name": "a", "type": "ptp" }""", "a 0.3.1: ptp")]
    [InlineData("""{ "cniVersions": [ "0.4.0", "1.0.0", "9.0.0" ], "name": "a", "plugins": [ { "type": "x" } ] }""", "a 0.4.0 1.0.0 9.0.0: x")]
    [InlineData("""{ "cniVersion": "1.1.0", "name": "a", "disableCheck": true, "disableGC": "true", "plugins": [ { "type": "x" } ] }""", "a 1.1.0: x, unchecked, shared")]
    [InlineData("""{ "cniVersion": "0.2.0", "name": "a", "type": "x" }""", """/f: "cniVersion" must be one of 1.1.0, 1.0.0, 0.4.0, 0.3.1, 0.3.0""")]
    [InlineData("""{ "name": "a", "type": "x" }""", """/f: "cniVersion" must be one of 1.1.0, 1.0.0, 0.4.0, 0.3.1, 0.3.0""")]
    [InlineData("""{ "cniVersion": "1.0.0", "name": "../a", "type": "x" }""", """/f: "name" must be letters, digits, dots, dashes and underscores, and begin with a letter or a digit""")]
    [InlineData("""{ "cniVersion": "1.0.0", "name": "a", "type": "../x" }""", """/f: plugin 1 has no "type" that could be the name of a program""")]
    [InlineData("""{ "cniVersion": "1.0.0", "name": "a", "plugins": [ { "type": "x" }, 7 ] }""", """/f: plugin 2 has no "type" that could be the name of a program""")]
    [InlineData("""{ "cniVersion": "1.0.0", "name": "a", "plugins": [] }""", """/f: "plugins" is empty""")]
    [InlineData("""{ "cniVersion": "1.0.0", "name": "a", "plugins": {} }""", """/f: "plugins" must be a list""")]
    [InlineData("[]", "/f is no JSON object")]
    public void A_configuration_is_read_or_refused_with_its_file_and_the_reason(string text, string expected) => Assert.Equal(expected, Read(text));

    [Theory]
    [InlineData("{")]
    [InlineData("""{ "name": "a", "name": "b" }""")]
    public void What_is_no_JSON_is_refused(string text) => Assert.StartsWith("/f is no JSON: ", Read(text), StringComparison.Ordinal);

    [Fact]
    public void The_first_file_by_name_is_the_one()
    {
        using var folder = new TempFolder();
        Assert.Contains($"{folder.Path} has no network configuration", Assert.Throws<NetworkException>(() => CniFolder.Read(folder.Path)).Message, StringComparison.Ordinal);
        foreach (var (file, network) in new[] { ("10-b.conflist", "b"), ("10-a.conf", "a"), ("05-readme.txt", "no"), ("20-c.json", "c"), ("02.conf.bak", "no") })
        {
            File.WriteAllText(folder.File(file), $$"""{ "cniVersion": "1.0.0", "name": "{{network}}", "type": "x" }""");
        }

        Assert.Equal("a", CniFolder.Read(folder.Path).Name);
        File.Delete(folder.File("10-a.conf"));
        Assert.Equal("b", CniFolder.Read(folder.Path).Name);
        File.WriteAllText(folder.File("10-b.conflist"), new string(' ', (1 << 20) + 1));
        Assert.Contains("10-b.conflist has more than", Assert.Throws<NetworkException>(() => CniFolder.Read(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.1.0 1.0.0", "1.0.0 0.4.0", "1.1.0 1.0.0", "1.0.0")]
    [InlineData("0.4.0", "1.0.0 0.4.0 0.3.1", "0.4.0", "0.4.0")]
    [InlineData("1.1.0", "1.0.0", "1.1.0", null)]
    [InlineData("9.0.0", "9.0.0", "9.0.0", null)]
    public void Everybody_has_to_know_the_version(string offered, string one, string other, string? expected) =>
        Assert.Equal(expected, CniVersions.Newest(offered.Split(' '), [one.Split(' '), other.Split(' ')]));

    [Fact]
    public void A_plugin_is_told_of_what_it_has_capabilities_for_and_of_the_result_before()
    {
        var runtime = CniRuntime.Of([new HostPort("", 8080, 80, "TCP"), new HostPort("127.0.0.1", 53, 53, "UDP")], PodRoom.Of("10.1.2.0/24,fd00:1::/64"));
        var previous = JsonNode.Parse("""{ "ips": [ { "address": "10.1.2.3/24" } ] }""")!.AsObject();
        Assert.Equal("""{"type":"p","cniVersion":"1.0.0","name":"n"}""", Request("""{ "type": "p", "capabilities": { "portMappings": false, "else": true } }""", null));
        Assert.Equal("""{"type":"p","x":[1],"cniVersion":"1.0.0","name":"n","runtimeConfig":{"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"},{"hostPort":53,"containerPort":53,"protocol":"udp","hostIP":"127.0.0.1"}]},"prevResult":{"ips":[{"address":"10.1.2.3/24"}],"cniVersion":"1.0.0"}}""",
            Request("""{ "type": "p", "x": [ 1 ], "capabilities": { "portMappings": true } }""", previous));
        Assert.Equal("""{"type":"p","cniVersion":"1.0.0","name":"n","runtimeConfig":{"ipRanges":[[{"subnet":"10.1.2.0/24"}],[{"subnet":"fd00:1::/64"}]]}}""", Request("""{ "type": "p", "capabilities": { "ipRanges": true } }""", null));
        Assert.Empty(CniRuntime.Of([], null));

        string Request(string plugin, JsonObject? before) => CniPlugin.Read(JsonNode.Parse(plugin))!.Request("n", "1.0.0", runtime, before).ToJsonString();
    }

    [Fact]
    public void A_plugin_is_told_which_pod_it_is()
    {
        Assert.Equal("IgnoreUnknown=1", CniRuntime.Arguments("u", new PodNetworkWish([], [])));
        Assert.Equal("IgnoreUnknown=1;K8S_POD_NAMESPACE=s;K8S_POD_NAME=p;K8S_POD_INFRA_CONTAINER_ID=u;K8S_POD_UID=u", CniRuntime.Arguments("u", new PodNetworkWish([], []) { Namespace = "s", Name = "p" }));
    }

    private static string Read(string text)
    {
        try
        {
            var read = CniConfiguration.Read("/f", text);
            return $"{read.Name} {string.Join(' ', read.Versions)}: {string.Join(' ', read.Plugins.Select(p => p.Type))}{(read.MayCheck ? "" : ", unchecked")}{(read.MayCollect ? "" : ", shared")}";
        }
        catch (NetworkException e)
        {
            return e.Message;
        }
    }
}
