using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Services.</summary>
public static class ServiceDefinition
{
    private const string None = "<none>";

    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Kind = "Service",
        Plural = "services",
        Model = typeof(V1Service),
        Facts = ServiceSchema.Facts,
        ShortNames = ["svc"],
        Subresources = ["status", "proxy"],
        Categories = ["all"],
        NameRule = Names.ServiceName,
        Columns =
        [
            Column.Name,
            Column.Field("Type", "spec.type", "ClusterIP"),
            Column.Field("Cluster-IP", "spec.clusterIP", None),
            new("External-IP", r => ExternalAddress(r)),
            new("Port(s)", r => (r.At("spec.ports") as JsonArray ?? []) is { Count: > 0 } ports ? string.Join(',', ports.Select(Port)) : None),
            Column.Age,
            Column.Labels("Selector", "spec.selector"),
        ],
        FieldLabels = [FieldLabel.Text("spec.clusterIP"), FieldLabel.Text("spec.type")],
        Support = Support.Full,
        References = ServicePods.References,
        Usage = (service, _) => ServiceQuotaUsage.Of(service),
        Strategy = new ServiceStrategy(),
    };

    private static string Port(JsonNode? port) => $"{port?["port"]}{(port?["nodePort"] is { } node ? $":{node}" : "")}/{port?["protocol"] ?? "TCP"}";

    private static string ExternalAddress(TableRow row)
    {
        var type = row.Text("spec.type");
        if (type == "ExternalName" && row.Text("spec.externalName") is { Length: > 0 } name)
        {
            return name;
        }

        // As kubectl shows them: those of the load balancer first.
        var addresses = (type == "LoadBalancer" ? row.At("status.loadBalancer.ingress") as JsonArray ?? [] : []).Select(i => (string?)i?["ip"] ?? (string?)i?["hostname"])
            .Concat((row.At("spec.externalIPs") as JsonArray ?? []).Select(a => (string?)a)).ToList();
        return addresses.Count > 0 ? string.Join(',', addresses) : type == "LoadBalancer" ? "<pending>" : None;
    }
}
