using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.CSIStorageCapacities;
using Orchestrator.Node.Agent.Csi.Wire;

namespace Orchestrator.Node.Agent.Csi;

/// <summary>Says how much storage a driver of the node has for a class (Kubernetes, "Storage Capacity").</summary>
/// <param name="services">Services of the agent.</param>
internal sealed class CsiCapacities(AgentServices services)
{
    private const string Space = "kube-system";

    // As often as external-provisioner asks.
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, long> _asked = [];

    /// <summary>A volume was made or deleted: what was said is not true any more.</summary>
    public void Forget() => _asked.Clear();

    /// <summary>Asks the driver and writes what it says, if that is due.</summary>
    /// <param name="of">The class.</param>
    /// <param name="driver">The driver.</param>
    /// <param name="find">Reads an object.</param>
    /// <param name="stopping">Cancels it.</param>
    /// <exception cref="CsiException">The driver refuses.</exception>
    public async Task ReportAsync(V1StorageClass of, CsiDriver driver, Func<ObjectKey, Task<KubeObject?>> find, CancellationToken stopping)
    {
        if (_asked.TryGetValue(of.Metadata.Uid, out var last) && services.Time.GetElapsedTime(last) < Every)
        {
            return;
        }

        var request = new GetCapacityRequest();
        foreach (var (key, value) in CsiProvisioning.ForDriver(of))
        {
            request.Parameters[key] = value;
        }

        if (driver.HasTopology)
        {
            request.AccessibleTopology = new Topology();
            foreach (var (key, value) in driver.Topology)
            {
                request.AccessibleTopology.Segments[key] = value;
            }
        }

        var answer = await CsiCall.RunAsync(c => driver.Controllers.GetCapacityAsync(request, cancellationToken: c), CsiCall.Short, services.Time, stopping).ConfigureAwait(false);
        await WriteAsync(of, driver, answer, find, stopping).ConfigureAwait(false);
        _asked[of.Metadata.Uid] = services.Time.GetTimestamp();
    }

    private async Task WriteAsync(V1StorageClass of, CsiDriver driver, GetCapacityResponse answer, Func<ObjectKey, Task<KubeObject?>> find, CancellationToken stopping)
    {
        var key = CSIStorageCapacityDefinition.Instance.Key(Space, $"csisc-{CsiPaths.Hash($"{driver.Name}/{of.Metadata.Name}/{services.Node}")[..16]}");
        var said = new JsonObject
        {
            ["capacity"] = Bytes(answer.AvailableCapacity),
            ["maximumVolumeSize"] = answer.MaximumVolumeSize is { } most ? Bytes(most) : null,
        };
        var old = await find(key).ConfigureAwait(false);
        if (old is not null)
        {
            if ((string?)old.ToNode()["capacity"] != (string?)said["capacity"] || (string?)old.ToNode()["maximumVolumeSize"] != (string?)said["maximumVolumeSize"])
            {
                await services.Store.SendAsync(new MergeObject(key, old.Uid, said, "reported", By), stopping).ConfigureAwait(false);
            }

            return;
        }

        // It goes with its node.
        if (await find(services.Key).ConfigureAwait(false) is { } node)
        {
            var owner = new JsonObject { ["apiVersion"] = "v1", ["kind"] = V1Node.KubeKind, ["name"] = node.Name, ["uid"] = node.Uid };
            said["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = Space, ["ownerReferences"] = new JsonArray(owner) };
            said["storageClassName"] = of.Metadata.Name;
            said["nodeTopology"] = new JsonObject { ["matchLabels"] = new JsonObject(driver.Topology.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)JsonValue.Create(t.Value)))) };
            await services.Store.SendAsync(new CreateObject(key, said, By), stopping).ConfigureAwait(false);
        }
    }

    private UserInfo By => $"system:node:{services.Node}";

    // In MiB, so that a file system that is written to is not news all the time.
    private static string Bytes(long bytes) => $"{Math.Max(0, bytes) >> 20}Mi";
}
