namespace Orchestrator.Tests.Cli;

/// <summary><c>orc net</c>: what the packets of a service meet, and why a connection would fail.</summary>
public class NetSpec
{
    private const string Space = "/api/v1/namespaces/default";
    private const string Slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name=web";
    private const string Names = """ "names":[{"name":"web.default.svc.cluster.local","type":"A","answer":"10.96.0.9"}] """;

    [Fact]
    public async Task A_service_that_is_well_is_shown_whole()
    {
        using var cluster = Cluster();
        Assert.Equal((0, ""), (await cluster.OrcAsync("net web"), cluster.Error));
        Assert.Equal("""
            Service default/web, ClusterIP at 10.96.0.9, seen from node n1

            NAME                            TYPE   ANSWER
            web.default.svc.cluster.local   A      10.96.0.9

            PORT     NODE PORT   FROM PODS TO      FROM OUTSIDE TO
            80/TCP   -           10.244.0.7:8080   -

            ENDPOINT     POD     NODE   STATE
            10.244.0.7   web-1   n1     ready
            10.244.0.8   web-2   n2     not ready

            Nothing speaks against a connection, but perhaps network policies: with --from POD they are asked, too.

            """, cluster.Output);
        Assert.Equal(0, await cluster.OrcAsync("net svc/web"));
    }

    [Fact]
    public async Task From_a_pod_both_ends_have_a_say()
    {
        using var cluster = Cluster();
        cluster.On($"GET {Space}/pods/client", """{"metadata":{"name":"client","namespace":"default"},"spec":{"nodeName":"n1"},"status":{"podIP":"10.244.0.9"}}""");
        cluster.On("GET /api/v1/nodes/n1/proxy/network/pods/default/client?to=10.244.0.7&protocol=TCP&port=8080", """{"connection":{"isAllowed":true,"restricting":["out"],"allowedBy":"out"}}""");
        cluster.On("GET /api/v1/nodes/n1/proxy/network/pods/default/web-1?from=10.244.0.9&protocol=TCP&port=8080", """{"connection":{"isAllowed":false,"restricting":["deny","few"]}}""");
        Assert.Equal(1, await cluster.OrcAsync("net web --from client"));
        Assert.Contains("CONNECTION                  POD     LEAVES           ARRIVES\n80/TCP to 10.244.0.7:8080   web-1   allowed by out   dropped\n", cluster.Output, StringComparison.Ordinal);
        Assert.EndsWith("- What comes from pod client to pod web-1 (10.244.0.7:8080) is dropped: network policies deny, few restrict it and have no rule that allows it.\n", cluster.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_of_IPv6_is_asked_for_by_the_address_of_its_family()
    {
        using var cluster = Cluster(page: $$"""
            {"copy":{"source":"s","version":7},"isInForce":true,{{Names}},"rules":{"chains":{},"elements":[]},
             "ports":[{"port":80,"protocol":"TCP","nodePort":0,"endpoints":[{"address":"fd00:244::7","port":8080}],"fromPods":["[fd00:244::7]:8080"],"fromOutside":[]}]}
            """, slices: """{"items":[{"endpoints":[{"addresses":["fd00:244::7"],"conditions":{"ready":true},"nodeName":"n1","targetRef":{"name":"web-1","namespace":"default"}}]}]}""");
        cluster.On($"GET {Space}/pods/client", """{"metadata":{"name":"client","namespace":"default"},"spec":{"nodeName":"n1"},"status":{"podIP":"10.244.0.9","podIPs":[{"ip":"10.244.0.9"},{"ip":"fd00:244::9"}]}}""");
        cluster.On("GET /api/v1/nodes/n1/proxy/network/pods/default/client?to=fd00:244::7&protocol=TCP&port=8080", """{"connection":{"isAllowed":true,"restricting":[]}}""");
        cluster.On("GET /api/v1/nodes/n1/proxy/network/pods/default/web-1?from=fd00:244::9&protocol=TCP&port=8080", """{"connection":{"isAllowed":true,"restricting":[]}}""");
        Assert.Equal((0, ""), (await cluster.OrcAsync("net web --from client"), cluster.Error));
        Assert.EndsWith("\nNothing speaks against a connection.\n", cluster.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_service_was_warned_of_is_shown()
    {
        using var cluster = Cluster(warnings: """{"items":[{"reason":"PortTaken","message":"Port 80/TCP of 192.0.2.1 belongs to service default/a"}]}""");
        Assert.Equal(0, await cluster.OrcAsync("net web"));
        Assert.Contains("WARNING     TOLD\nPortTaken   Port 80/TCP of 192.0.2.1 belongs to service default/a\n", cluster.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "From outside, because the load balancer has no address.")]
    [InlineData(""","loadBalancerClass":"example.com/lb" """, "From outside, because the load balancer has no address: it is for whoever serves the class example.com/lb.")]
    public async Task A_load_balancer_without_an_address_is_said(string more, string why)
    {
        using var cluster = Cluster();
        cluster.On($"GET {Space}/services/web", $$$"""{"metadata":{"name":"web","namespace":"default"},"spec":{"type":"LoadBalancer","clusterIP":"10.96.0.9","selector":{"app":"web"},"ports":[{"port":80,"nodePort":30080,"targetPort":"http","protocol":"TCP"}]{{{more}}}}}""");
        Assert.Equal(1, await cluster.OrcAsync("net web"));
        Assert.EndsWith($"A connection would fail:\n- {why}\n", cluster.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoints_that_end_and_still_answer_are_enough()
    {
        using var cluster = Cluster(slices: """{"items":[{"endpoints":[{"addresses":["10.244.0.7"],"conditions":{"ready":false,"serving":true,"terminating":true},"nodeName":"n1","targetRef":{"name":"web-1","namespace":"default"}}]}]}""");
        Assert.Equal(0, await cluster.OrcAsync("net web"));
        Assert.Contains("ends, still answers", cluster.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"items":[]}""", """{"items":[]}""", "No pod has the labels that the service selects: app=web.")]
    [InlineData("""{"items":[{"metadata":{"name":"web-1"},"spec":{"nodeName":"n1"},"status":{"phase":"Running","containerStatuses":[{"name":"c","ready":false,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}}]}""", """{"items":[]}""",
        "Pod web-1 waits: container c is in CrashLoopBackOff.")]
    [InlineData("""{"items":[{"metadata":{"name":"web-1"},"spec":{},"status":{"phase":"Pending"}}]}""", """{"items":[]}""", "Pod web-1 is Pending and on no node.")]
    [InlineData("""{"items":[{"metadata":{"name":"web-1"},"spec":{"nodeName":"n1"},"status":{"phase":"Running","containerStatuses":[{"name":"c","ready":false,"state":{"running":{}}}]}}]}""",
        """{"items":[{"endpoints":[{"addresses":["10.244.0.7"],"conditions":{"ready":false,"serving":false}}]}]}""", "Pod web-1 runs, and its container c is not ready")]
    public async Task Why_nobody_answers_is_said(string pods, string slices, string why)
    {
        using var cluster = Cluster(pods, slices);
        Assert.Equal(1, await cluster.OrcAsync("net web"));
        Assert.Contains(why, cluster.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($$"""{"copy":{"source":"","version":0},"isInForce":false,"names":[]}""", "Node n1 has not heard of any service")]
    [InlineData($$"""{"copy":{"source":"s","version":1},"isInForce":false,{{Names}},"ports":[]}""", "The newest rules of the service are not in the kernel of node n1")]
    [InlineData($$"""{"copy":{"source":"s","version":1},"isInForce":true,{{Names}},"ports":[{"port":80,"protocol":"TCP","nodePort":0,"endpoints":[],"fromPods":[],"fromOutside":[]}]}""", "leads to the port http of pods, and no pod has one")]
    public async Task What_is_wrong_at_the_node_is_said(string page, string why)
    {
        using var cluster = Cluster(page: page);
        Assert.Equal(1, await cluster.OrcAsync("net web --node n1"));
        Assert.Contains(why, cluster.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_an_object_for_scripts()
    {
        using var cluster = Cluster();
        Assert.Equal(0, await cluster.OrcAsync("net web -o json"));
        var document = System.Text.Json.Nodes.JsonNode.Parse(cluster.Output)!;
        Assert.Equal(("n1", "10.244.0.7:8080", 0), ((string?)document["node"], (string?)document["seen"]!["ports"]![0]!["fromPods"]![0], document["findings"]!.AsArray().Count));
    }

    [Fact]
    public async Task A_pod_and_a_node_at_once_are_refused()
    {
        using var cluster = Cluster();
        Assert.Equal(2, await cluster.OrcAsync("net web --from client --node n1"));
    }

    private static FakeCluster Cluster(string? pods = null, string? slices = null, string? page = null, string? warnings = null)
    {
        var cluster = new FakeCluster();
        cluster.On($"GET {Space}/services/web", """{"metadata":{"name":"web","namespace":"default"},"spec":{"type":"ClusterIP","clusterIP":"10.96.0.9","selector":{"app":"web"},"ports":[{"port":80,"targetPort":"http","protocol":"TCP"}]}}""");
        cluster.On($"GET {Space}/pods?labelSelector=app=web", pods ?? """{"items":[{"metadata":{"name":"web-1"},"spec":{"nodeName":"n1"},"status":{"phase":"Running"}}]}""");
        cluster.On($"GET {Slices}", slices ?? """
            {"items":[{"endpoints":[{"addresses":["10.244.0.7"],"conditions":{"ready":true},"nodeName":"n1","targetRef":{"name":"web-1","namespace":"default"}},
              {"addresses":["10.244.0.8"],"conditions":{"ready":false,"serving":false,"terminating":false},"nodeName":"n2","targetRef":{"name":"web-2","namespace":"default"}}]}]}
            """);
        cluster.On($"GET {Space}/events?fieldSelector=involvedObject.kind=Service,involvedObject.name=web,involvedObject.uid=,type=Warning", warnings ?? """{"items":[]}""");
        cluster.On("GET /api/v1/nodes", """{"items":[{"metadata":{"name":"n0"},"status":{"conditions":[{"type":"Ready","status":"False"}]}},{"metadata":{"name":"n1"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}]}""");
        cluster.On("GET /api/v1/nodes/n1/proxy/network/services/default/web", page ?? $$"""
            {"copy":{"source":"s","version":7},"isInForce":true,{{Names}},"rules":{"chains":{},"elements":[]},
             "ports":[{"port":80,"protocol":"TCP","nodePort":0,"endpoints":[{"address":"10.244.0.7","port":8080,"isHere":true,"isReady":true,"isDraining":false}],"fromPods":["10.244.0.7:8080"],"fromOutside":["10.244.0.7:8080"]}]}
            """);
        return cluster;
    }
}
