using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

/// <summary>Services have addresses and ports of nodes from their first answer on, each its own.</summary>
[Collection(KubectlCollection.Name)]
public sealed class ServiceSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task An_exposed_deployment_has_an_address_at_once(string version)
    {
        var kubectl = await cluster.WebAsync(version);
        Assert.Matches(@"^10\.96\.\d+\.\d+$", await kubectl.SucceedAsync("expose deployment web --port=80 -o jsonpath={.spec.clusterIP}"));
        var address = await kubectl.SucceedAsync("get service web -o jsonpath={.spec.clusterIP}");
        Assert.Equal($"services/{kubectl.Space}/web", await kubectl.SucceedAsync($"get ipaddress {address} -o jsonpath={{.spec.parentRef.resource}}/{{.spec.parentRef.namespace}}/{{.spec.parentRef.name}}"));
        Assert.Contains(address, await kubectl.SucceedAsync("describe service web"), StringComparison.Ordinal);
        await kubectl.SucceedAsync("delete service web");
        await kubectl.WaitForAsync($"get ipaddress {address} --ignore-not-found -o name", t => t.Length == 0);
    }

    [Fact]
    public async Task The_service_of_the_api_has_the_first_address() =>
        Assert.Equal("10.96.0.1", await cluster.Node.Kubectl(Kubectl.Newest, "default").SucceedAsync("get service kubernetes -o jsonpath={.spec.clusterIP}"));

    [Fact]
    public async Task Ports_of_nodes_are_given_and_kept_and_given_back()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        var port = int.Parse(await kubectl.SucceedAsync("create service nodeport np --tcp=80 -o jsonpath={.spec.ports[0].nodePort}"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(port, 30000, 32767);
        var taken = await kubectl.RunAsync("create", "service", "nodeport", "other", "--tcp=80", $"--node-port={port}");
        Assert.Contains($"spec.ports[0].nodePort: Invalid value: {port}: provided port is already allocated", taken.Error, StringComparison.Ordinal);
        var dry = await kubectl.RunAsync("create", "service", "nodeport", "other", "--tcp=80", $"--node-port={port}", "--dry-run=server");
        Assert.Contains("provided port is already allocated", dry.Error, StringComparison.Ordinal);

        // Another type drops it, and the address with it.
        await kubectl.SucceedAsync("patch service np -p {\"spec\":{\"type\":\"ExternalName\",\"externalName\":\"a.example\"}}");
        Assert.Equal("a.example//", await kubectl.SucceedAsync("get service np -o jsonpath={.spec.externalName}/{.spec.clusterIP}/{.spec.ports[0].nodePort}"));
        Assert.Equal("created\n", (await UntilCreatedAsync(kubectl, port))[^8..]);
    }

    [Fact]
    public async Task An_address_of_choice_is_had_once_and_again_by_one_that_is_replaced()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await kubectl.SucceedAsync("create service clusterip one --tcp=80 --clusterip=10.96.0.77");
        var taken = await kubectl.RunAsync("create", "service", "clusterip", "two", "--tcp=80", "--clusterip=10.96.0.77");
        Assert.Contains("failed to allocate IP 10.96.0.77: provided IP is already allocated", taken.Error, StringComparison.Ordinal);
        var far = await kubectl.RunAsync("create", "service", "clusterip", "two", "--tcp=80", "--clusterip=10.99.0.77");
        Assert.Contains("The range of valid IPs is 10.96.0.0/16", far.Error, StringComparison.Ordinal);
        var service = await kubectl.SucceedAsync("get service one -o json");
        (await kubectl.FeedAsync(service, "replace", "--force", "-f", "-")).Succeeded();
        Assert.Equal("10.96.0.77", await kubectl.SucceedAsync("get service one -o jsonpath={.spec.clusterIP}"));

        // Somebody gives free what a service has: it is reserved anew.
        await kubectl.SucceedAsync("delete ipaddress 10.96.0.77");
        await kubectl.WaitForAsync("get ipaddress 10.96.0.77 --ignore-not-found -o name", t => t.Length > 0);
    }

    [Fact]
    public async Task A_dry_run_shows_an_address_and_reserves_none()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        var address = await kubectl.SucceedAsync("create service clusterip never --tcp=80 --dry-run=server -o jsonpath={.spec.clusterIP}");
        Assert.StartsWith("10.96.", address, StringComparison.Ordinal);
        Assert.Empty(await kubectl.SucceedAsync($"get ipaddress {address} --ignore-not-found -o name"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Its_endpoints_are_the_pods_that_are_ready(string version)
    {
        var kubectl = await cluster.WebAsync(version);
        await kubectl.SucceedAsync("expose deployment web --port=80 --target-port=8080");
        const string slices = "get endpointslices -l kubernetes.io/service-name=web -o jsonpath=";
        await kubectl.WaitForAsync($"{slices}{{.items[*].endpoints[*].conditions.ready}}", t => t == "true true true");
        var addresses = (await kubectl.SucceedAsync("get pods -l app=web -o jsonpath={.items[*].status.podIP}")).Split(' ').Order().ToList();
        Assert.Equal(addresses, (await kubectl.SucceedAsync($"{slices}{{.items[*].endpoints[*].addresses[0]}}")).Split(' ').Order());
        await kubectl.WaitForAsync("get endpoints web -o jsonpath={.subsets[*].addresses[*].ip}", t => t.Split(' ').Order().SequenceEqual(addresses));
        Assert.Equal("8080", await kubectl.SucceedAsync("get endpoints web -o jsonpath={.subsets[0].ports[0].port}"));
        Assert.Contains($"{addresses[0]}:8080", await kubectl.SucceedAsync("describe service web"), StringComparison.Ordinal);
        await kubectl.SucceedAsync("scale deployment web --replicas=1");
        await kubectl.WaitForAsync("get endpoints web -o jsonpath={.subsets[*].addresses[*].ip}", t => t.Length > 0 && !t.Contains(' ', StringComparison.Ordinal));
        await kubectl.SucceedAsync("delete service web");
        await kubectl.WaitForAsync("get endpoints,endpointslices -o name", t => t.Length == 0);
    }

    [Fact]
    public async Task Endpoints_that_somebody_made_are_mirrored()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        (await kubectl.FeedAsync("apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {ports: [{port: 5432}]}\n---\napiVersion: v1\nkind: Endpoints\nmetadata: {name: db}\n"
            + "subsets: [{addresses: [{ip: 192.0.2.7}], ports: [{port: 5432}]}]\n", "create", "-f", "-")).Succeeded();
        await kubectl.WaitForAsync("get endpointslices -l kubernetes.io/service-name=db -o jsonpath={.items[*].endpoints[*].addresses[0]}", t => t == "192.0.2.7");
        await kubectl.SucceedAsync("patch endpoints db --type=merge -p {\"subsets\":[{\"addresses\":[{\"ip\":\"192.0.2.8\"}],\"ports\":[{\"port\":5432}]}]}");
        await kubectl.WaitForAsync("get endpointslices -l kubernetes.io/service-name=db -o jsonpath={.items[*].endpoints[*].addresses[0]}", t => t == "192.0.2.8");
    }

    // What was given back is free a moment later.
    private static async Task<string> UntilCreatedAsync(Kubectl kubectl, int port)
    {
        var output = "";
        await Poll.UntilAsync(async () =>
        {
            var made = await kubectl.RunAsync("create", "service", "nodeport", "other", "--tcp=80", $"--node-port={port}");
            output = made.Output;
            return made.ExitCode == 0;
        }, TimeSpan.FromSeconds(30), () => $"port {port} is free");
        return output;
    }
}
