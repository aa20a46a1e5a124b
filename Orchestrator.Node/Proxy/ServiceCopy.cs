using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.EndpointSlices;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Node.Copies;

namespace Orchestrator.Node.Proxy;

/// <summary>A node's own copy of all services, their EndpointSlices, and the nodes.</summary>
internal sealed class ServiceCopy
{
    private readonly ObjectCopy _copy = new();
    private readonly Dictionary<ObjectKey, HashSet<ObjectKey>> _slices = [];

    /// <summary>Who gave it; empty if there is none yet.</summary>
    public string Source => _copy.Source;

    /// <summary>Its version.</summary>
    public long Version => _copy.Version;

    /// <summary>What is to be asked for.</summary>
    public FeedPosition Position => _copy.Position;

    /// <summary>The services.</summary>
    public IEnumerable<KubeObject> Services => _copy.All.Where(o => o.Kind == ServiceDefinition.Instance);

    /// <summary>The nodes.</summary>
    public IEnumerable<KubeObject> Nodes => _copy.All.Where(o => o.Kind == NodeDefinition.Instance);

    /// <summary>Finds a service; null if there is none.</summary>
    public KubeObject? Find(ObjectKey service) => _copy.Find(service);

    /// <summary>The slices of a service.</summary>
    public IEnumerable<KubeObject> SlicesOf(ObjectKey service) => _slices.GetValueOrDefault(service, []).Select(k => _copy.Find(k)!);

    /// <summary>Takes news.</summary>
    /// <returns>The services and nodes that may have changed; null if more has to be asked for.</returns>
    public IReadOnlyCollection<ObjectKey>? Take(ObjectNews news)
    {
        if (_copy.Take(news) is not { } changes)
        {
            return null;
        }

        var touched = new HashSet<ObjectKey>();
        foreach (var (before, after) in changes)
        {
            if (before is not null && ServiceOf(before) is { } former)
            {
                touched.Add(former);
                if (IsSlice(before) && _slices.TryGetValue(former, out var known) && known.Remove(before.Key) && known.Count == 0)
                {
                    _slices.Remove(former);
                }
            }

            if (after is not null && ServiceOf(after) is { } service)
            {
                touched.Add(service);
                if (IsSlice(after))
                {
                    (_slices.TryGetValue(service, out var known) ? known : _slices[service] = []).Add(after.Key);
                }
            }
        }

        return touched;
    }

    private static bool IsSlice(KubeObject o) => o.Kind == EndpointSliceDefinition.Instance;

    // What is touched with an object.
    private static ObjectKey? ServiceOf(KubeObject o) => !IsSlice(o) ? o.Key
        : o.Labels.GetValueOrDefault(EndpointSlicePlanner.ServiceLabel) is { Length: > 0 } name ? ServiceDefinition.Instance.Key(o.Namespace, name) : null;
}
