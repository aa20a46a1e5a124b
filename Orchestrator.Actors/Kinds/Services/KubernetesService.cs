using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>The Service <c>default/kubernetes</c>, through which pods and client libraries find the API servers. Pure.</summary>
public static class KubernetesService
{
    /// <summary>Name of the Service in the namespace <c>default</c>.</summary>
    public const string Name = "kubernetes";

    private const int Port = 443;
    private const string PortName = "https";

    /// <summary>Whether a key is that of the Service.</summary>
    public static bool Is(ObjectKey key) => key == ServiceDefinition.Instance.Key("default", Name);

    /// <summary>The API servers as endpoints of the Service.</summary>
    internal static IReadOnlyList<ServiceEndpoint> Endpoints(IEnumerable<IPEndPoint> servers) =>
        [.. servers.Select(s => new ServiceEndpoint(s.Address.ToString(), [new EndpointPort(PortName, s.Port, "TCP", null)]) { IsReady = true, IsServing = true })];

    /// <summary>Creates the Service.</summary>
    /// <param name="apiPort">Port of the API servers.</param>
    /// <param name="address">Its address, the first of the services'.</param>
    public static JsonObject Create(int apiPort, string address)
    {
        var service = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = Name, ["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" } },
            ["spec"] = new JsonObject
            {
                ["type"] = "ClusterIP",
                ["clusterIP"] = address,
                ["ports"] = new JsonArray(new JsonObject { ["name"] = PortName, ["port"] = Port, ["protocol"] = "TCP", ["targetPort"] = apiPort }),
            },
        };
        return Admitter.Create(ServiceDefinition.Instance, service, NoObjects.Instance) is { } refusal ? throw new InvalidOperationException(refusal.Message) : service;
    }
}
