using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.EndpointSlices;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.Dns;

namespace Orchestrator.Tests.Dns;

/// <summary>The names of a cluster by the specification of DNS-based service discovery.</summary>
public sealed class DnsZoneSpec
{
    private static readonly DnsZone Zone = DnsZone.Empty
        .With("default", "web", Of("web", """{ "clusterIP": "10.96.0.9", "ports": [ { "name": "http", "port": 80 }, { "name": "dns", "port": 53, "protocol": "UDP" } ] }"""))
        .With("default", "db", Of("db", """{ "clusterIP": "None", "ports": [ { "name": "sql", "port": 5432 } ] }""",
            """[ { "addresses": [ "10.1.0.2" ], "hostname": "db-0" }, { "addresses": [ "10.1.0.3" ] }, { "addresses": [ "10.1.0.4" ], "hostname": "db-2", "conditions": { "ready": false } } ]"""))
        .With("default", "out", Of("out", """{ "type": "ExternalName", "externalName": "Example.com." }"""))
        .With("default", "both", Of("both", """{ "clusterIP": "10.96.0.8", "clusterIPs": [ "10.96.0.8", "fd00:96::8" ], "ports": [ { "name": "http", "port": 80 } ] }"""))
        .With("default", "six", Of("six", """{ "clusterIP": "None" }""", """[ { "addresses": [ "fd00:244::2" ] }, { "addresses": [ "fd00:244::3" ], "hostname": "six-0" } ]""", "IPv6"))
        .With("default", "twice", DnsService.Of(Service("twice", """{ "clusterIP": "None" }"""), [Slice("""[ { "addresses": [ "10.1.0.8" ] } ]""", name: "a", port: 80), Slice("""[ { "addresses": [ "10.1.0.8" ] } ]""", name: "b", port: 81)]))
        .With("default", "none", Of("none", """{ "clusterIP": "None" }"""));

    [Theory]
    [InlineData("web.default.svc.cluster.local", DnsType.A, "A 10.96.0.9")]
    [InlineData("web.default.svc.cluster.local", DnsType.Aaaa, "nothing")]
    [InlineData("both.default.svc.cluster.local", DnsType.A, "A 10.96.0.8")]
    [InlineData("both.default.svc.cluster.local", DnsType.Aaaa, "Aaaa fd00:96::8")]
    [InlineData("both.default.svc.cluster.local", DnsType.Any, "A 10.96.0.8, Aaaa fd00:96::8")]
    [InlineData("_http._tcp.both.default.svc.cluster.local", DnsType.Srv, "Srv 80 both.default.svc.cluster.local")]
    [InlineData("six.default.svc.cluster.local", DnsType.A, "nothing")]
    [InlineData("six.default.svc.cluster.local", DnsType.Aaaa, "Aaaa fd00:244::2, Aaaa fd00:244::3")]
    [InlineData("six-0.six.default.svc.cluster.local", DnsType.Aaaa, "Aaaa fd00:244::3")]
    [InlineData("fd00-244--2.six.default.svc.cluster.local", DnsType.Aaaa, "Aaaa fd00:244::2")]
    [InlineData("8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.d.f.ip6.arpa", DnsType.Ptr, "Ptr both.default.svc.cluster.local")]
    [InlineData("3.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.4.2.0.0.0.d.f.ip6.arpa", DnsType.Ptr, "Ptr six-0.six.default.svc.cluster.local")]
    [InlineData("9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.4.2.0.0.0.d.f.ip6.arpa", DnsType.Ptr, "not ours")]
    [InlineData("0.0.d.f.ip6.arpa", DnsType.Ptr, "not ours")]
    [InlineData("fd00-244--2.default.pod.cluster.local", DnsType.Aaaa, "Aaaa fd00:244::2")]
    [InlineData("web.default.svc.cluster.local", DnsType.Other, "nothing")]
    [InlineData("web.default.svc.cluster.local", DnsType.Any, "A 10.96.0.9")]
    [InlineData("web.other.svc.cluster.local", DnsType.A, "no such name")]
    [InlineData("nobody.default.svc.cluster.local", DnsType.A, "no such name")]
    [InlineData("x.web.default.svc.cluster.local", DnsType.A, "no such name")]
    [InlineData("db.default.svc.cluster.local", DnsType.A, "A 10.1.0.2, A 10.1.0.3")]
    [InlineData("db-0.db.default.svc.cluster.local", DnsType.A, "A 10.1.0.2")]
    [InlineData("10-1-0-3.db.default.svc.cluster.local", DnsType.A, "A 10.1.0.3")]
    [InlineData("db-2.db.default.svc.cluster.local", DnsType.A, "no such name")]
    [InlineData("none.default.svc.cluster.local", DnsType.A, "nothing")]
    [InlineData("out.default.svc.cluster.local", DnsType.A, "Cname example.com")]
    [InlineData("_http._tcp.web.default.svc.cluster.local", DnsType.Srv, "Srv 80 web.default.svc.cluster.local")]
    [InlineData("_dns._udp.web.default.svc.cluster.local", DnsType.Srv, "Srv 53 web.default.svc.cluster.local")]
    [InlineData("_dns._tcp.web.default.svc.cluster.local", DnsType.Srv, "no such name")]
    [InlineData("_http._tcp.web.default.svc.cluster.local", DnsType.A, "nothing")]
    [InlineData("_tcp.web.default.svc.cluster.local", DnsType.Srv, "nothing")]
    [InlineData("_sql._tcp.db.default.svc.cluster.local", DnsType.Srv, "Srv 5432 db-0.db.default.svc.cluster.local, Srv 5432 10-1-0-3.db.default.svc.cluster.local")]
    [InlineData("_a._tcp.twice.default.svc.cluster.local", DnsType.Srv, "Srv 80 10-1-0-8.twice.default.svc.cluster.local")]
    [InlineData("_b._tcp.twice.default.svc.cluster.local", DnsType.Srv, "Srv 81 10-1-0-8.twice.default.svc.cluster.local")]
    [InlineData("9.0.96.10.in-addr.arpa", DnsType.Ptr, "Ptr web.default.svc.cluster.local")]
    [InlineData("2.0.1.10.in-addr.arpa", DnsType.Ptr, "Ptr db-0.db.default.svc.cluster.local")]
    [InlineData("7.7.7.10.in-addr.arpa", DnsType.Ptr, "not ours")]
    [InlineData("10-1-0-2.default.pod.cluster.local", DnsType.A, "A 10.1.0.2")]
    [InlineData("10-2.default.pod.cluster.local", DnsType.A, "no such name")]
    [InlineData("010-1-0-2.default.pod.cluster.local", DnsType.A, "no such name")]
    [InlineData("ten.default.pod.cluster.local", DnsType.A, "no such name")]
    [InlineData("dns-version.cluster.local", DnsType.Txt, "Txt 1.1.0")]
    [InlineData("default.svc.cluster.local", DnsType.A, "nothing")]
    [InlineData("other.svc.cluster.local", DnsType.A, "no such name")]
    [InlineData("svc.cluster.local", DnsType.A, "nothing")]
    [InlineData("cluster.local", DnsType.A, "nothing")]
    [InlineData("example.com", DnsType.A, "not ours")]
    [InlineData("notcluster.local", DnsType.A, "not ours")]
    public void A_name_leads_where_the_specification_says(string name, DnsType type, string expected) => Assert.Equal(expected, Said(Zone, name, type));

    [Fact]
    public void What_changes_or_goes_takes_its_names_along()
    {
        var zone = Zone.With("default", "web", Of("web", """{ "clusterIP": "10.96.0.10" }""")).With("default", "db", null).With("default", "out", null).With("default", "none", null).With("default", "both", null).With("default", "six", null).With("default", "twice", null);
        Assert.Equal("A 10.96.0.10", Said(zone, "web.default.svc.cluster.local", DnsType.A));
        Assert.Equal("not ours", Said(zone, "9.0.96.10.in-addr.arpa", DnsType.Ptr));
        Assert.Equal("no such name", Said(zone, "db.default.svc.cluster.local", DnsType.A));
        Assert.Equal("not ours", Said(zone, "2.0.1.10.in-addr.arpa", DnsType.Ptr));
        Assert.Equal("nothing", Said(zone, "default.svc.cluster.local", DnsType.A));
        Assert.Equal("no such name", Said(zone.With("default", "web", null), "default.svc.cluster.local", DnsType.A));
    }

    [Fact]
    public void Who_answers_for_a_service_comes_with_its_address() =>
        Assert.Equal(["db-0.db.default.svc.cluster.local 10.1.0.2", "10-1-0-3.db.default.svc.cluster.local 10.1.0.3"],
            Zone.Answer("_sql._tcp.db.default.svc.cluster.local", DnsType.Srv)!.Additional.Select(r => $"{r.Name} {r.Address}"));

    private static string Said(DnsZone zone, string name, DnsType type) => zone.Answer(name, type) switch
    {
        null => "not ours",
        { Exists: false } => "no such name",
        { Records.IsEmpty: true } => "nothing",
        var answer => string.Join(", ", answer.Records.Select(r => $"{r.Type} {(r.Port > 0 ? $"{r.Port} " : "")}{r.Address?.ToString() ?? r.Target ?? r.Text}")),
    };

    private static DnsService? Of(string name, string spec, string endpoints = "[]", string family = "IPv4") => DnsService.Of(Service(name, spec), [Slice(endpoints, family)]);

    private static KubeObject Service(string name, string spec) => Make(ServiceDefinition.Instance, $$"""{ "metadata": { "name": "{{name}}", "namespace": "default", "uid": "s" }, "spec": {{spec}} }""");

    private static KubeObject Slice(string endpoints, string family = "IPv4", string name = "sql", int port = 5432) => Make(EndpointSliceDefinition.Instance,
        $$"""{ "metadata": { "name": "x", "namespace": "default", "uid": "x" }, "addressType": "{{family}}", "ports": [ { "name": "{{name}}", "port": {{port}} } ], "endpoints": {{endpoints}} }""");

    private static KubeObject Make(ResourceDefinition kind, string json) => KubeObject.From(kind, (JsonObject)JsonNode.Parse(json)!);
}
