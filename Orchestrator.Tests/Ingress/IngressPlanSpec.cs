using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.Ingress;

namespace Orchestrator.Tests.Ingress;

/// <summary>What a node makes of Ingresses of several namespaces.</summary>
public sealed class IngressPlanSpec
{
    [Fact]
    public void Nobody_takes_a_host_of_another_namespace_and_the_next_oldest_has_it_once_it_is_free()
    {
        KubeObject[] others =
        [
            Ingress("b", "web", 2, """{ "rules": [ { "host": "h.com", PATH "/long" } ] } }, { "host": "b.com", PATH "/" } ] } } ] }"""),
            Ingress("a", "more", 3, """{ "rules": [ { "host": "h.com", PATH "/more" } ] } } ] }"""),
        ];
        var plan = Plan([.. others, Ingress("a", "web", 1, """{ "rules": [ { "host": "h.com", PATH "/" } ] } } ] }""")]);
        Assert.Equal(("a/web", "a/more", "b/web"), (At(plan, "h.com", "/long"), At(plan, "H.com", "/more"), At(plan, "b.com", "/")));
        Assert.Equal(("b/web", null, "b/web"), (At(Plan(others), "h.com", "/long"), At(Plan(others), "h.com", "/more"), At(Plan(others), "b.com", "/")));
    }

    [Fact]
    public void A_service_that_no_request_goes_to_is_not_asked_for() => Assert.Equal(["a"], Plan(
        Ingress("a", "web", 1, """{ "rules": [ { "host": "h.com", PATH "/" } ] } } ] }"""), Ingress("b", "web", 2, """{ "rules": [ { "host": "h.com", PATH "/long" } ] } } ] }""")).Services.Select(s => s.Namespace));

    [Fact]
    public void A_certificate_is_shown_for_hosts_of_its_namespace_alone()
    {
        const string Tls = """{ "rules": [ { "host": "HOST", PATH "/" } ] } } ], "tls": [ { "hosts": [ "h.com", "HOST" ], "secretName": "cert" } ] }""";
        var plan = Plan(Ingress("a", "web", 1, Tls.Replace("HOST", "h.com", StringComparison.Ordinal)), Ingress("b", "web", 2, Tls.Replace("HOST", "b.com", StringComparison.Ordinal)), Secret("a"), Secret("b"));
        Assert.Equal(("CN=a", "CN=b"), (plan.Certificates.Find("h.com")!.TargetCertificate.Subject, plan.Certificates.Find("b.com")!.TargetCertificate.Subject));
        Assert.True(plan.Routes.Find("b.com", "/")!.RedirectsToTls("b.com"));
        Assert.False(plan.Routes.Find("b.com", "/")!.RedirectsToTls("h.com"));

        // The hosts of the certificate itself are named by nobody: it is shown where no other namespace is.
        var silent = Plan(Ingress("b", "web", 2, """{ "tls": [ { "secretName": "cert" } ] }"""), Ingress("a", "web", 3, """{ "rules": [ { "host": "b.com" } ] }"""), Secret("b"));
        Assert.Equal((null, "CN=b"), (silent.Certificates.Find("b.com"), silent.Certificates.Find("c.com")?.TargetCertificate.Subject));
    }

    [Fact]
    public void Requests_for_hosts_of_nobody_belong_to_one_namespace_and_a_default_backend_has_its_own_hosts_nevertheless()
    {
        const string Usual = """{ "defaultBackend": { "service": { "name": "web", "port": { "number": 80 } } } """;
        var plan = Plan(Ingress("a", "rule", 1, """{ "rules": [ { PATH "/x" } ] } } ] }"""), Ingress("b", "web", 2, $$"""{{Usual}}, "rules": [ { "host": "b.com" } ] }"""), Ingress("a", "usual", 3, Usual + "}"),
            Ingress("b", "rule", 4, """{ "rules": [ { PATH "/x/long" } ] } } ] }"""));
        Assert.Equal(("a/rule", "a/usual", "b/web"), (At(plan, "any.com", "/x/long"), At(plan, "any.com", "/y"), At(plan, "b.com", "/y")));
    }

    private static string? At(IngressPlan plan, string host, string path) => plan.Routes.Find(host, path)?.Ingress;

    private static IngressPlan Plan(params KubeObject[] objects) => IngressPlan.Of(objects,
        s => ServerCertificate.Of(TlsCertificate.Read(s.As<k8s.Models.V1Secret>()).Certificate!));

    private static KubeObject Secret(string ns) => Make(SecretDefinition.Instance, ns, "cert", 1, "data", TestCertificates.Data(TestCertificates.Create([ns, "b.com", "c.com"])));

    private static KubeObject Ingress(string ns, string name, int second, string spec) => Make(IngressDefinition.Instance, ns, name, second, "spec",
        spec.Replace("PATH", """ "http": { "paths": [ { "pathType": "Prefix", "backend": { "service": { "name": "web", "port": { "number": 80 } } }, "path": """, StringComparison.Ordinal));

    private static KubeObject Make(ResourceDefinition kind, string ns, string name, int second, string member, string value) => KubeObject.From(kind, (JsonObject)JsonNode.Parse(
        $$"""{ "metadata": { "name": "{{name}}", "namespace": "{{ns}}", "uid": "{{ns}}{{name}}", "creationTimestamp": "2026-01-01T00:00:0{{second}}Z" }, "{{member}}": {{value}} }""")!);
}
