using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Tests.Ingress;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Kinds.Ingresses;

/// <summary>What the controller of Ingresses plans, and what wakes it.</summary>
public sealed class IngressControllerSpec : IAsyncLifetime
{
    private static readonly ObjectKey Web = IngressDefinition.Instance.Key("default", "web");
    private readonly IngressController _controller = new();
    private FedCache _cache = null!;

    public async Task InitializeAsync()
    {
        _cache = await FedCache.StartAsync();
        await _cache.CreateAsync("""{"apiVersion":"networking.k8s.io/v1","kind":"IngressClass","metadata":{"name":"orchestrator","uid":"c1"},"spec":{"controller":"orchestrator.io/ingress"}}""");
        await _cache.CreateAsync("""{"apiVersion":"networking.k8s.io/v1","kind":"IngressClass","metadata":{"name":"nginx","uid":"c2"},"spec":{"controller":"k8s.io/ingress-nginx"}}""");
        await _cache.CreateAsync("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"default","uid":"s1"},"spec":{"ports":[{"name":"http","port":80}]}}""");
    }

    public async Task DisposeAsync() => await _cache.DisposeAsync();

    [Fact]
    public async Task The_addresses_are_those_of_ready_nodes_that_listen()
    {
        await IngressAsync();
        Assert.Empty(Plan().Commands);
        await NodeAsync("a", "192.0.2.1");
        await NodeAsync("b", "192.0.2.2", external: "203.0.113.2");
        await NodeAsync("c", "192.0.2.3", listens: "False");
        await NodeAsync("d", "192.0.2.4", ready: "Unknown");
        await NodeAsync("e", "192.0.2.5", listens: null);
        var status = Assert.IsType<MergeObject>(Assert.Single(Plan().Commands));
        Assert.Equal("""{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"},{"ip":"203.0.113.2"}]}}}""", status.Patch.ToJsonString());

        // Once it is so, nothing is written.
        await _cache.ChangeAsync(Web, status.Patch.ToJsonString(), "addressed");
        Assert.Empty(Plan().Commands);
        await _cache.ChangeAsync(NodeDefinition.Instance.Key(null, "a"), """{"status":{"conditions":[{"type":"Ready","status":"Unknown"},{"type":"IngressReady","status":"Unknown"}]}}""");
        Assert.Equal("""[{"ip":"203.0.113.2"}]""", ((MergeObject)Plan().Commands.Single()).Patch["status"]!["loadBalancer"]!["ingress"]!.ToJsonString());
    }

    [Fact]
    public async Task An_Ingress_of_another_controller_is_left_alone_and_one_of_no_class_that_exists_has_no_address()
    {
        await NodeAsync("a", "192.0.2.1");
        await IngressAsync("nginx", status: ""","status":{"loadBalancer":{"ingress":[{"ip":"198.51.100.1"}]}}""");
        Assert.Equal((0, 0), (Plan().Commands.Length, Plan().Findings.Length));
        await _cache.ChangeAsync(Web, """{"spec":{"ingressClassName":"nobody"}}""");
        Assert.Equal("""{"status":{"loadBalancer":{"ingress":null}}}""", ((MergeObject)Plan().Commands.Single()).Patch.ToJsonString());
        Assert.Equal("IngressClassNotFound: Ingress class nobody does not exist; nobody serves this Ingress", Found().Single());
        await _cache.ChangeAsync(Web, """{"spec":{"ingressClassName":null}}""");
        Assert.Equal((0, 0), (Plan().Commands.Length, Plan().Findings.Length));
        await _cache.ChangeAsync(Web, """{"metadata":{"annotations":{"kubernetes.io/ingress.class":"orchestrator"}}}""");
        Assert.Single(Plan().Commands);
    }

    [Fact]
    public async Task What_it_names_and_is_not_there_is_told()
    {
        await IngressAsync(spec: """
            "defaultBackend":{"resource":{"kind":"Bucket","name":"b"}},"rules":[{"http":{"paths":[
              {"path":"/a","pathType":"Prefix","backend":{"service":{"name":"web","port":{"number":80}}}},
              {"path":"/b","pathType":"Prefix","backend":{"service":{"name":"web","port":{"name":"http"}}}},
              {"path":"/c","pathType":"Prefix","backend":{"service":{"name":"web","port":{"number":81}}}},
              {"path":"/d","pathType":"Prefix","backend":{"service":{"name":"none","port":{"number":80}}}},
              {"path":"/e","pathType":"Prefix","backend":{"service":{"name":"alias","port":{"number":80}}}}]}}]
            """);
        await _cache.CreateAsync("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"alias","namespace":"default","uid":"s2"},"spec":{"type":"ExternalName","externalName":"a.example","ports":[{"port":80}]}}""");
        Assert.Equal(["BackendNotSupported", "ServicePortNotFound", "ServiceNotFound", "BackendNotSupported"], Found().Select(f => f.Split(':')[0]));
    }

    [Fact]
    public async Task A_certificate_that_is_wrong_is_told_without_its_content()
    {
        var now = DateTimeOffset.UtcNow;
        await IngressAsync(spec: """
            "defaultBackend":{"service":{"name":"web","port":{"number":80}}},"tls":[{"hosts":["a.com","*.b.com"],"secretName":"cert"}]
            """);
        Assert.Equal(["InvalidCertificate: Secret cert does not exist; the certificate of the cluster is shown instead"], Found(now));
        var good = TestCertificates.Create(["a.com", "*.b.com"], now.AddHours(10));
        foreach (var (data, fault) in new[]
        {
            ("""{"a":"eA=="}""", "it has no tls.crt and tls.key; the certificate of the cluster is shown instead"),
            (TestCertificates.Data((good.Certificate, TestCertificates.Create(["a.com"]).Key)), "its tls.crt and tls.key are no certificate and its key in PEM; the certificate of the cluster is shown instead"),
            (TestCertificates.Data(TestCertificates.Create(["a.com"])), "its certificate is not for *.b.com"),
            (TestCertificates.Data(TestCertificates.Create(["a.com", "*.b.com"], now.AddHours(-1))), "its certificate has expired"),
            (TestCertificates.Data(good), null),
        })
        {
            var secret = await _cache.CreateAsync($$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"cert","namespace":"default","uid":"x"},"data":{{data}} }""");
            Assert.Equal(fault is null ? [] : [$"InvalidCertificate: Secret cert: {fault}"], Found(now));
            Assert.Equal(["web"], Woken(secret!));
        }

        // It is looked at again when the certificate expires.
        Assert.Equal(10, _controller.Plan(_cache.Cache.Find(Web)!, _cache.Cache, Context(now)).RecheckAfter!.Value.TotalHours, 0.01);
    }

    [Fact]
    public async Task A_host_of_another_namespace_is_told_and_both_hear_of_each_other()
    {
        const string Rule = """ "rules":[{"host":"a.example"}] """;
        await IngressAsync(spec: Rule);
        Assert.Empty(Found());
        var other = (await IngressAsync(spec: Rule, ns: "other", second: 1))!;
        Assert.Equal(["HostTaken: Host \"a.example\" belongs to ingress other/web, which is older: choose another host or have its owner delete it"], Found());
        Assert.Equal(["default", "other"], Woken(other, k => k.Namespace).Order());

        // Who is served by somebody else has no hosts here, and nor has who names others.
        foreach (var change in new[] { """{"spec":{"ingressClassName":"nginx"}}""", """{"spec":{"ingressClassName":"orchestrator","rules":[{"host":"b.example"}]}}""" })
        {
            await _cache.ChangeAsync(other.Key, change);
            Assert.Empty(Found());
        }

        await IngressAsync(spec: """ "rules":[{}],"tls":[{"hosts":["b.example"]}] """);
        var usual = (await IngressAsync(ns: "other", second: 1))!;
        Assert.Equal("HostTaken: Requests for hosts that nobody names belong to ingress other/web, which is older: name hosts or have its owner delete it", Found().Single());
        await _cache.DeleteAsync(usual.Key);
        Assert.Empty(Found());
        Assert.Equal(["web"], Woken(usual));
    }

    [Fact]
    public async Task It_is_woken_by_what_it_names_and_by_nodes_that_have_to_do_with_Ingresses()
    {
        await IngressAsync();
        Assert.Equal(["web"], Woken((await _cache.CreateAsync("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"default","uid":"s1"}}"""))!));
        Assert.Empty(Woken((await _cache.CreateAsync("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"other","uid":"s3"}}"""))!));
        Assert.Empty(Woken((await _cache.CreateAsync("""{"apiVersion":"networking.k8s.io/v1","kind":"IngressClass","metadata":{"name":"other","uid":"c3"},"spec":{"controller":"a.io/b"}}"""))!));
        Assert.Equal(["web"], Woken((await _cache.CreateAsync("""{"apiVersion":"networking.k8s.io/v1","kind":"IngressClass","metadata":{"name":"orchestrator","uid":"c1"},"spec":{"controller":"a.io/b"}}"""))!));
        Assert.Equal(["web"], Woken((await NodeAsync("a", "192.0.2.1"))!));
        Assert.Empty(Woken((await NodeAsync("b", "192.0.2.2", listens: null))!));
    }

    [Fact]
    public async Task A_node_that_cannot_listen_is_told()
    {
        await IngressAsync();
        await NodeAsync("a", "192.0.2.1", listens: "False", reason: "IngressNotListening");
        await NodeAsync("b", "192.0.2.2", listens: "False", reason: "NoIngress");
        Assert.Equal(["IngressNotListening: Node a does not serve it: why"], Found());
    }

    private ControllerPlan Plan(DateTimeOffset? now = null) => _controller.Plan(_cache.Cache.Find(Web)!, _cache.Cache, Context(now ?? DateTimeOffset.UnixEpoch));

    private IEnumerable<string> Found(DateTimeOffset? now = null) => Plan(now).Findings.Select(f => $"{f.Event.Reason}: {f.Event.Message}");

    private static PlanContext Context(DateTimeOffset now) => new(now, 0, () => "", []);

    private IEnumerable<string> Woken(KubeObject changed, Func<ObjectKey, string>? shown = null) =>
        _controller.WokenBy.SelectMany(r => r.Concern(changed) is { } concern ? r.Woken(concern, _cache.Cache) : []).Select(shown ?? (k => k.Name));

    private Task<KubeObject?> IngressAsync(string name = "orchestrator", string? spec = null, string status = "", string ns = "default", int second = 5) => _cache.CreateAsync($$"""
        {"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"web","namespace":"{{ns}}","uid":"{{ns}}","creationTimestamp":"2026-01-01T00:00:0{{second}}Z"},
         "spec":{"ingressClassName":"{{name}}",{{spec ?? """ "defaultBackend":{"service":{"name":"web","port":{"number":80}}} """}} }{{status}} }
        """);

    private Task<KubeObject?> NodeAsync(string name, string address, string? external = null, string ready = "True", string? listens = "True", string reason = "")
    {
        JsonNode Condition(string type, string status) => new JsonObject { ["type"] = type, ["status"] = status, ["reason"] = reason, ["message"] = "why" };
        JsonNode Address(string type, string of) => new JsonObject { ["type"] = type, ["address"] = of };
        return _cache.CreateAsync(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Node",
            ["metadata"] = new JsonObject { ["name"] = name, ["uid"] = name },
            ["status"] = new JsonObject
            {
                ["conditions"] = new JsonArray([Condition("Ready", ready), .. listens is null ? [] : (JsonNode[])[Condition("IngressReady", listens)]]),
                ["addresses"] = new JsonArray([Address("InternalIP", address), .. external is null ? [] : (JsonNode[])[Address("ExternalIP", external)]]),
            },
        }.ToJsonString());
    }
}
