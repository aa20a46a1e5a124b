using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.CSINodes;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Node.Agent.Csi;

/// <summary>Tells the cluster which drivers a node has: in its CSINode, and where the node is in its labels (Kubernetes, CSINode).</summary>
/// <param name="services">Services of the agent.</param>
internal sealed class CsiNodeReport(AgentServices services)
{
    private const int Tries = 5;

    /// <summary>The object with the drivers.</summary>
    private ObjectKey Key => CSINodeDefinition.Instance.Key(null, services.Node);

    private UserInfo By => $"system:node:{services.Node}";

    /// <summary>Says that the node has a driver.</summary>
    /// <param name="driver">The driver.</param>
    /// <param name="others">Those that it has already.</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <exception cref="RegistrationException">The cluster does not take it.</exception>
    public async Task AddAsync(CsiDriver driver, IReadOnlyCollection<CsiDriver> others, CancellationToken cancellation)
    {
        var node = await FindAsync(services.Key, cancellation).ConfigureAwait(false) ?? throw new RegistrationException($"node {services.Node} is not registered yet");
        if (Labels(node, driver) is { } labels)
        {
            await SendAsync(new MergeObject(node.Key, node.Uid, new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels } }, "reported", By, node.Revision), cancellation).ConfigureAwait(false);
        }

        await ChangeAsync(drivers => [.. drivers.Select(d => (string?)d["name"] == driver.Name ? Entry(driver) : d), .. drivers.Any(d => (string?)d["name"] == driver.Name) ? (JsonObject[])[] : [Entry(driver)]],
            [driver, .. others.Where(o => o.Name != driver.Name)], cancellation).ConfigureAwait(false);
    }

    /// <summary>Says that the node has no other drivers than some.</summary>
    /// <param name="there">The drivers that it has.</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <exception cref="RegistrationException">The cluster does not take it.</exception>
    public Task KeepAsync(IReadOnlyCollection<CsiDriver> there, CancellationToken cancellation) =>
        ChangeAsync(drivers => [.. drivers.Where(d => there.Any(t => t.Name == (string?)d["name"]))], there, cancellation);

    /// <summary>The entry of a driver.</summary>
    internal static JsonObject Entry(CsiDriver driver)
    {
        var entry = new JsonObject { ["name"] = driver.Name, ["nodeID"] = driver.NodeId, ["topologyKeys"] = new JsonArray([.. driver.Topology.Keys.Select(k => (JsonNode)k)]) };
        if (driver.MaxVolumes > 0)
        {
            entry["allocatable"] = new JsonObject { ["count"] = driver.MaxVolumes };
        }

        return entry;
    }

    // A label that is there and says something else is somebody's mistake, and volumes would be looked for in the wrong place.
    private static JsonObject? Labels(KubeObject node, CsiDriver driver)
    {
        if (driver.Topology.FirstOrDefault(t => node.Labels.TryGetValue(t.Key, out var value) && value != t.Value) is { Key: { } key } other)
        {
            throw new RegistrationException($"driver {driver.Name} says that the node is in {key}={other.Value}, and the label of the node says {node.Labels[key]}: remove the label if the driver is right");
        }

        var missing = driver.Topology.Where(t => !node.Labels.ContainsKey(t.Key)).ToList();
        return missing.Count == 0 ? null : new JsonObject(missing.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)JsonValue.Create(t.Value))));
    }

    // Nobody else writes the list; a conflict means that the object was made anew.
    private async Task ChangeAsync(Func<IReadOnlyList<JsonObject>, IReadOnlyList<JsonObject>> change, IEnumerable<CsiDriver> there, CancellationToken cancellation)
    {
        var controllers = string.Join(',', there.Where(d => d.Controller is not null).Select(d => d.Name).Order(StringComparer.Ordinal));
        for (var attempt = 0; ; attempt++)
        {
            var found = await FindAsync(Key, cancellation).ConfigureAwait(false);
            var old = (found?.ToNode()["spec"]?["drivers"] as JsonArray)?.OfType<JsonObject>().ToList() ?? [];
            var drivers = change(old);
            if (found is null ? drivers.Count == 0 : (string?)found.ToNode()["metadata"]?["annotations"]?[CsiAnnotations.Controllers] == controllers
                && JsonNode.DeepEquals(new JsonArray([.. old.Select(d => d.DeepClone())]), new JsonArray([.. drivers.Select(d => d.DeepClone())])))
            {
                return;
            }

            var spec = new JsonObject { ["drivers"] = new JsonArray([.. drivers.Select(d => d.DeepClone())]) };
            var annotations = new JsonObject { [CsiAnnotations.Controllers] = controllers };
            ObjectCommand command = found is null ? new CreateObject(Key, await NewAsync(spec, annotations, cancellation).ConfigureAwait(false), By)
                : new MergeObject(Key, found.Uid, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations }, ["spec"] = spec }, "reported", By, ExpectedRevision: found.Revision);
            var reply = await services.Store.SendAsync(command, cancellation).ConfigureAwait(false);
            if (reply.Error is null)
            {
                return;
            }

            if (attempt == Tries || reply.Error.Reason is not (ApiReason.Conflict or ApiReason.AlreadyExists or ApiReason.NotFound))
            {
                throw new RegistrationException($"CSINode {services.Node} could not be written: {reply.Error.Message}");
            }
        }
    }

    // It goes with its node.
    private async Task<JsonObject> NewAsync(JsonObject spec, JsonObject annotations, CancellationToken cancellation)
    {
        var node = await FindAsync(services.Key, cancellation).ConfigureAwait(false) ?? throw new RegistrationException($"node {services.Node} is not registered yet");
        var owner = new JsonObject { ["apiVersion"] = "v1", ["kind"] = V1Node.KubeKind, ["name"] = node.Name, ["uid"] = node.Uid };
        return new JsonObject { ["metadata"] = new JsonObject { ["name"] = services.Node, ["annotations"] = annotations, ["ownerReferences"] = new JsonArray(owner) }, ["spec"] = spec };
    }

    private async Task<KubeObject?> FindAsync(ObjectKey key, CancellationToken cancellation)
    {
        var reply = await services.Store.SendAsync(new GetObject(key, By), cancellation).ConfigureAwait(false);
        return reply.Error is null or { Reason: ApiReason.NotFound } ? reply.Object : throw new RegistrationException($"{key.Resource} \"{key.Name}\" could not be read: {reply.Error.Message}");
    }

    private async Task SendAsync(ObjectCommand command, CancellationToken cancellation)
    {
        var reply = await services.Store.SendAsync(command, cancellation).ConfigureAwait(false);
        if (reply.Error is { } error)
        {
            throw new RegistrationException($"the labels of node {services.Node} could not be written: {error.Message}");
        }
    }
}
