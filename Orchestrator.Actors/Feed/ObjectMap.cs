using System.Collections;
using System.Collections.Immutable;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Feed;

/// <summary>The objects of a kind, by namespace and name, in the order of Kubernetes' lists: ordinal by <c>namespace/name</c>. Immutable; a changed map
/// shares with the former one what has not changed.</summary>
public sealed class ObjectMap : IReadOnlyCollection<KubeObject>
{
    /// <summary>No objects.</summary>
    public static readonly ObjectMap Empty = new(ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, KubeObject>>(NamespaceOrder.Instance), 0);

    private static readonly ImmutableSortedDictionary<string, KubeObject> NoNames = ImmutableSortedDictionary.Create<string, KubeObject>(StringComparer.Ordinal);

    private readonly ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, KubeObject>> _namespaces;

    private ObjectMap(ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, KubeObject>> namespaces, int count) => (_namespaces, Count) = (namespaces, count);

    /// <inheritdoc/>
    public int Count { get; }

    /// <summary>Returns a map of objects whose names differ.</summary>
    public static ObjectMap Of(IEnumerable<KubeObject> objects)
    {
        var map = Empty.ToBuilder();
        foreach (var item in objects)
        {
            map.Put(item);
        }

        return map.ToMap();
    }

    /// <summary>Gets an object; null if there is none. The namespace of a cluster-scoped object is empty.</summary>
    public KubeObject? Find(string ns, string name) => _namespaces.GetValueOrDefault(ns)?.GetValueOrDefault(name);

    /// <summary>The objects of a namespace, without a look at others; all if it is null.</summary>
    public IEnumerable<KubeObject> In(string? ns) => ns is null ? this : (_namespaces.GetValueOrDefault(ns) ?? NoNames).Values;

    /// <inheritdoc/>
    public IEnumerator<KubeObject> GetEnumerator() => _namespaces.Values.SelectMany(n => n.Values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Begins a changed map.</summary>
    public Builder ToBuilder() => new(this);

    /// <summary>A map that is being changed. Not thread-safe.</summary>
    public sealed class Builder
    {
        private readonly ObjectMap _from;
        private readonly Dictionary<string, ImmutableSortedDictionary<string, KubeObject>.Builder> _changed = [];

        internal Builder(ObjectMap from) => _from = from;

        /// <summary>Gets an object; null if there is none.</summary>
        public KubeObject? Find(string ns, string name) => _changed.TryGetValue(ns, out var names) ? names.GetValueOrDefault(name) : _from.Find(ns, name);

        /// <summary>Adds an object, or replaces that of its name.</summary>
        public void Put(KubeObject item) => Names(item)[item.Name] = item;

        /// <summary>Removes the object of this name.</summary>
        public void Remove(KubeObject item) => Names(item).Remove(item.Name);

        /// <summary>Returns the changed map.</summary>
        public ObjectMap ToMap()
        {
            var (namespaces, count) = (_from._namespaces, _from.Count);
            foreach (var (ns, names) in _changed)
            {
                count += names.Count - (namespaces.GetValueOrDefault(ns)?.Count ?? 0);
                namespaces = names.Count == 0 ? namespaces.Remove(ns) : namespaces.SetItem(ns, names.ToImmutable());
            }

            return new ObjectMap(namespaces, count);
        }

        private ImmutableSortedDictionary<string, KubeObject>.Builder Names(KubeObject item)
        {
            if (!_changed.TryGetValue(item.Namespace, out var names))
            {
                _changed[item.Namespace] = names = (_from._namespaces.GetValueOrDefault(item.Namespace) ?? NoNames).ToBuilder();
            }

            return names;
        }
    }
}
