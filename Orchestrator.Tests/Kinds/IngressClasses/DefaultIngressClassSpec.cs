using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Kinds.IngressClasses;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Kinds.IngressClasses;

/// <summary>Which class an Ingress gets that names none.</summary>
public sealed class DefaultIngressClassSpec : IAsyncLifetime
{
    private FedCache _fed = null!;

    public async Task InitializeAsync() => _fed = await FedCache.StartAsync();

    public async Task DisposeAsync() => await _fed.DisposeAsync();

    [Fact]
    public async Task Without_a_default_class_it_gets_none()
    {
        await ClassAsync("other", "2026-01-01T00:00:00Z", isDefault: false);
        Assert.Null(Admitted(""));
    }

    [Fact]
    public async Task It_gets_the_newest_default_class_unless_it_names_one()
    {
        await ClassAsync("older", "2026-01-01T00:00:00Z");
        await ClassAsync("newer", "2026-01-02T00:00:00Z");
        await ClassAsync("other", "2026-01-03T00:00:00Z", isDefault: false);
        Assert.Equal("newer", Admitted(""));
        Assert.Equal("other", Admitted("", """ "ingressClassName": "other", """));
        Assert.Null(Admitted("""{"kubernetes.io/ingress.class":"nginx"}"""));
    }

    [Fact]
    public void The_class_of_the_cluster_is_the_default_if_there_is_no_other()
    {
        Assert.Equal("true", (string?)OwnIngressClass.Create(isDefault: true)["metadata"]!["annotations"]![IngressClassNames.IsDefault]);
        Assert.Null(OwnIngressClass.Create(isDefault: false)["metadata"]!["annotations"]);
    }

    private string? Admitted(string annotations, string members = "")
    {
        var ingress = (JsonObject)JsonNode.Parse($$"""
            { "metadata": { "name": "x", "namespace": "default"{{(annotations.Length > 0 ? $", \"annotations\": {annotations}" : "")}} },
              "spec": { {{members}} "defaultBackend": { "service": { "name": "web", "port": { "number": 80 } } } } }
            """)!;
        Assert.Null(Admitter.Create(IngressDefinition.Instance, ingress, _fed.Cache));
        return (string?)ingress["spec"]!["ingressClassName"];
    }

    private Task ClassAsync(string name, string created, bool isDefault = true) => _fed.CreateAsync($$"""
        { "apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": { "name": "{{name}}", "uid": "{{name}}", "creationTimestamp": "{{created}}",
          "annotations": { "ingressclass.kubernetes.io/is-default-class": "{{(isDefault ? "true" : "false")}}" } }, "spec": { "controller": "example.com/c" } }
        """);
}
