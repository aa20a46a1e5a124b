using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.ApiServer;

/// <summary>Services of a cluster with addresses of both families, as a client of a real process sees them.</summary>
public sealed class DualStackSpec : IAsyncLifetime
{
    private const string Services = "/api/v1/namespaces/default/services";
    private const string Addresses = "/apis/networking.k8s.io/v1/ipaddresses";
    private const string Slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
    private const string Merge = "application/merge-patch+json";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private NodeProcess _node = null!;

    public async Task InitializeAsync() => _node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1, Options: ["--service-cidr", "10.96.0.0/24,fd00:96::/112"]));

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task A_second_address_comes_and_goes_with_the_policy_and_the_first_stays()
    {
        var api = (await _node.AskAsync(HttpMethod.Get, $"{Services}/kubernetes"))["spec"]!;
        Assert.Equal("[\"10.96.0.1\"] [\"IPv4\"] SingleStack", Shown(api));

        var (first, second) = Both(await CreateAsync("a", "\"ipFamilyPolicy\":\"PreferDualStack\""));
        Assert.Equal("default/a IPv4", await HolderAsync(first));
        Assert.Equal("default/a IPv6", await HolderAsync(second));

        var single = await PatchAsync("a", """{"ipFamilyPolicy":"SingleStack"}""");
        Assert.Equal($"[\"{first}\"] [\"IPv4\"] SingleStack", Shown(single));
        await FreeAsync(second);

        var (kept, anew) = Both(await PatchAsync("a", """{"ipFamilyPolicy":"RequireDualStack"}"""));
        Assert.Equal(first, kept);

        // What another wants is not to be had, until it is given back.
        var asked = $"\"clusterIP\":\"{anew}\"";
        Assert.Contains("provided IP is already allocated", (await Assert.ThrowsAsync<HttpRequestException>(() => CreateAsync("b", asked))).Message, StringComparison.Ordinal);
        await PatchAsync("a", """{"type":"ExternalName","externalName":"a.example"}""");
        await FreeAsync(first);
        await FreeAsync(anew);
        Assert.Equal($"[\"{anew}\"] [\"IPv6\"] SingleStack", Shown(await CreateAsync("b", asked)));

        await _node.AskAsync(HttpMethod.Delete, $"{Services}/b");
        await FreeAsync(anew);
    }

    [Fact]
    public async Task What_a_dry_run_shows_is_not_reserved()
    {
        var (first, second) = Both(await CreateAsync("c", "\"ipFamilyPolicy\":\"RequireDualStack\"", "?dryRun=All"));
        Assert.False(await IsReservedAsync(first));
        Assert.False(await IsReservedAsync(second));
    }

    [Fact]
    public async Task Slices_follow_the_families_of_a_service_and_endpoints_made_by_hand()
    {
        await CreateAsync("e", "\"ipFamilyPolicy\":\"PreferDualStack\"");
        await SlicesAsync("e", "IPv4, IPv6");
        await PatchAsync("e", """{"ipFamilyPolicy":"SingleStack"}""");
        await SlicesAsync("e", "IPv4");

        await _node.AskAsync(HttpMethod.Post, Services, """{"apiVersion":"v1","kind":"Service","metadata":{"name":"hand"},"spec":{"ports":[{"port":80}]} }""");
        await _node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/endpoints", """
            {"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"hand"},"subsets":[{"addresses":[{"ip":"2001:db8::1"},{"ip":"192.0.2.1"}],"ports":[{"port":80}]}]}
            """);
        await SlicesAsync("hand", "IPv4 192.0.2.1, IPv6 2001:db8::1");
    }

    [Theory]
    [InlineData("fd00:96:0::a", "must be a canonical format IP address")]
    [InlineData("FD00:96::a", "must be a canonical format IP address")]
    [InlineData("ten", "must be a valid IP address")]
    public async Task An_address_has_one_name(string name, string why)
    {
        var address = $$$"""{"apiVersion":"networking.k8s.io/v1","kind":"IPAddress","metadata":{"name":"{{{name}}}"},"spec":{"parentRef":{"resource":"services","namespace":"default","name":"x"} } }""";
        Assert.Contains(why, (await Assert.ThrowsAsync<HttpRequestException>(() => _node.AskAsync(HttpMethod.Post, Addresses, address))).Message, StringComparison.Ordinal);
    }

    private static string Shown(JsonNode spec) => $"{spec["clusterIPs"]!.ToJsonString()} {spec["ipFamilies"]!.ToJsonString()} {spec["ipFamilyPolicy"]}";

    private static (string First, string Second) Both(JsonNode spec)
    {
        Assert.Equal("[\"IPv4\",\"IPv6\"]", spec["ipFamilies"]!.ToJsonString());
        var all = spec["clusterIPs"]!.AsArray().Select(a => (string)a!).ToList();
        Assert.Equal(2, all.Count);
        Assert.Equal(all[0], (string?)spec["clusterIP"]);
        Assert.StartsWith("10.96.0.", all[0], StringComparison.Ordinal);
        Assert.StartsWith("fd00:96::", all[1], StringComparison.Ordinal);
        return (all[0], all[1]);
    }

    private async Task<JsonNode> CreateAsync(string name, string spec, string query = "") => (await _node.AskAsync(HttpMethod.Post, Services + query,
        $$$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"{{{name}}}"},"spec":{ {{{spec}}},"selector":{"app":"a"},"ports":[{"port":80}]} }"""))["spec"]!;

    private async Task<JsonNode> PatchAsync(string name, string spec) => (await _node.AskAsync(HttpMethod.Patch, $"{Services}/{name}", $$"""{"spec":{{spec}} }""", Merge))["spec"]!;

    private async Task<string> HolderAsync(string address)
    {
        var held = await _node.AskAsync(HttpMethod.Get, $"{Addresses}/{address}");
        return $"{held["spec"]!["parentRef"]!["namespace"]}/{held["spec"]!["parentRef"]!["name"]} {held["metadata"]!["labels"]!["ipaddress.kubernetes.io/ip-family"]}";
    }

    private async Task SlicesAsync(string service, string wanted)
    {
        var seen = "";
        await Poll.UntilAsync(async () => wanted == (seen = string.Join(", ", (await _node.AskAsync(HttpMethod.Get, $"{Slices}?labelSelector=kubernetes.io/service-name={service}"))["items"]!.AsArray()
            .Select(s => $"{s!["addressType"]} {(string?)s["endpoints"]?.AsArray().FirstOrDefault()?["addresses"]![0]}".TrimEnd()).Order())), Bound, () => $"the slices of {service} are {wanted}, and not {seen}");
    }

    private Task FreeAsync(string address) => Poll.UntilAsync(async () => !await IsReservedAsync(address), Bound, () => $"{address} is given back");

    private async Task<bool> IsReservedAsync(string address)
    {
        try
        {
            await HolderAsync(address);
            return true;
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }
    }
}
