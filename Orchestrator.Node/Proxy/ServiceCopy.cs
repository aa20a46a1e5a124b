using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.EndpointSlices;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Services;

namespace Orchestrator.Node.Proxy;

/// <summary>A node's own copy of all services, their EndpointSlices, and the nodes.</summary>
internal sealed class ServiceCopy
{
    private readonly Dictionary<ObjectKey, KubeObject> _objects = [];
    private readonly Dictionary<ObjectKey, HashSet<ObjectKey>> _slices = [];
    private Dictionary<ObjectKey, KubeObject>? _whole;

    /// <summary>Who gave it; empty if there is none yet.</summary>
    public string Source { get; private set; } = "";

    /// <summary>Its version.</summary>
    public long Version { get; private set; }

    /// <summary>The services.</summary>
    public IEnumerable<KubeObject> Services => _objects.Values.Where(o => o.Kind == ServiceDefinition.Instance);

    /// <summary>The nodes.</summary>
    public IEnumerable<KubeObject> Nodes => _objects.Values.Where(o => o.Kind == NodeDefinition.Instance);

    /// <summary>Finds a service; null if there is none.</summary>
    public KubeObject? Find(ObjectKey service) => _objects.GetValueOrDefault(service);

    /// <summary>The slices of a service.</summary>
    public IEnumerable<KubeObject> SlicesOf(ObjectKey service) => _slices.GetValueOrDefault(service, []).Select(k => _objects[k]);

    /// <summary>Takes news.</summary>
    /// <returns>The services and nodes that may have changed; null if something before was missed, so that the whole has to be asked for.</returns>
    public IReadOnlyCollection<ObjectKey>? Take(ServiceNews news)
    {
        var touched = new HashSet<ObjectKey>();
        if (news.From != ServiceNews.Whole)
        {
            if ((news.Source, news.From) != (Source, Version))
            {
                return null;
            }

            foreach (var gone in news.Gone.Where(g => _objects.TryGetValue(g.Key, out var held) && held.Revision < g.Revision))
            {
                Remove(gone.Key, touched);
            }

            Put(news.Changed, touched);
            Version = news.Version;
            return touched;
        }

        _whole ??= [];
        foreach (var o in news.Changed)
        {
            _whole[o.Key] = o;
        }

        if (!news.IsLast)
        {
            return touched;
        }

        foreach (var gone in _objects.Keys.Where(k => !_whole.ContainsKey(k)).ToList())
        {
            Remove(gone, touched);
        }

        // What another source gave may have a higher revision of an object that is older: the journal was restored.
        Put(_whole.Values, touched, news.Source != Source);
        (Source, Version, _whole) = (news.Source, news.Version, null);
        return touched;
    }

    private void Put(IEnumerable<KubeObject> objects, HashSet<ObjectKey> touched, bool isAnyAge = false)
    {
        foreach (var o in objects)
        {
            if (_objects.TryGetValue(o.Key, out var held))
            {
                if (held.Revision == o.Revision || (held.Revision > o.Revision && !isAnyAge))
                {
                    continue;
                }

                Remove(o.Key, touched);
            }

            _objects[o.Key] = o;
            if (ServiceOf(o) is { } service)
            {
                touched.Add(service);
                if (o.Kind == EndpointSliceDefinition.Instance)
                {
                    (_slices.TryGetValue(service, out var known) ? known : _slices[service] = []).Add(o.Key);
                }
            }
        }
    }

    private void Remove(ObjectKey key, HashSet<ObjectKey> touched)
    {
        if (_objects.Remove(key, out var o) && ServiceOf(o) is { } service)
        {
            touched.Add(service);
            if (o.Kind == EndpointSliceDefinition.Instance && _slices.TryGetValue(service, out var known) && known.Remove(key) && known.Count == 0)
            {
                _slices.Remove(service);
            }
        }
    }

    // What is touched with an object.
    private static ObjectKey? ServiceOf(KubeObject o) => o.Kind != EndpointSliceDefinition.Instance ? o.Key
        : o.Labels.GetValueOrDefault(EndpointSlicePlanner.ServiceLabel) is { Length: > 0 } name ? ServiceDefinition.Instance.Key(o.Namespace, name) : null;
}
