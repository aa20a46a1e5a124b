using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.EndpointSlices;

/// <summary>Whose slices are planned.</summary>
/// <param name="Owner">The service, or the Endpoints that are mirrored.</param>
/// <param name="Manager">Value of the label <c>endpointslice.kubernetes.io/managed-by</c>.</param>
/// <param name="Labels">Labels of the slices beside those two that name service and manager.</param>
/// <param name="By">Name of the controller in the journal.</param>
/// <param name="Cause">Revision that led to the plan.</param>
internal sealed record SliceOwner(KubeObject Owner, string Manager, IReadOnlyDictionary<string, string> Labels, string By, long Cause);

/// <summary>Keeps the endpoints of a service in slices of at most a hundred, with as few writes as possible: an endpoint stays in its slice, so that a change of it is a change of one slice
/// (Kubernetes, "EndpointSlices", distribution of EndpointSlices). Pure.</summary>
internal static class EndpointSlicePlanner
{
    /// <summary>The most endpoints of a slice.</summary>
    public const int Most = 100;

    /// <summary>Label that names the service.</summary>
    public const string ServiceLabel = "kubernetes.io/service-name";

    /// <summary>Label that names who writes the slice.</summary>
    public const string ManagerLabel = "endpointslice.kubernetes.io/managed-by";

    /// <summary>The commands that make the slices as they should be; none if they are.</summary>
    /// <param name="owner">See <see cref="SliceOwner"/>.</param>
    /// <param name="families">The families of addresses that have slices, each its own.</param>
    /// <param name="endpoints">All endpoints. Those of other families are left out.</param>
    /// <param name="slices">The slices that there are. Those of other families go.</param>
    /// <param name="newSuffix">Creates the end of a name.</param>
    public static IReadOnlyList<ObjectCommand> Plan(SliceOwner owner, IReadOnlyList<string> families, IEnumerable<ServiceEndpoint> endpoints, IEnumerable<KubeObject> slices, Func<string> newSuffix)
    {
        var wanted = endpoints.ToLookup(e => e.Family);
        var present = slices.Where(s => !s.IsDeleting).OrderBy(s => s.Name, StringComparer.Ordinal).Select(s => new Draft(s)).ToLookup(d => d.Family);
        return
        [
            .. families.SelectMany(f => Plan(owner, f, wanted[f], [.. present[f]], newSuffix)),
            .. present.Where(p => !families.Contains(p.Key)).SelectMany(p => p).Select(d => Delete(d.Slice!, owner)),
        ];
    }

    private static IEnumerable<ObjectCommand> Plan(SliceOwner owner, string family, IEnumerable<ServiceEndpoint> endpoints, List<Draft> drafts, Func<string> newSuffix)
    {
        var wanted = endpoints.GroupBy(e => EndpointPort.KeyOf(e.Ports)).ToDictionary(g => g.Key, g => g.GroupBy(e => e.Key).ToDictionary(e => e.Key, e => e.First()));
        if (wanted.Count == 0)
        {
            wanted[""] = []; // One slice without endpoints says that there are none.
        }

        foreach (var draft in drafts)
        {
            draft.Keep(wanted);
        }

        foreach (var (ports, left) in wanted.OrderBy(w => w.Key, StringComparer.Ordinal))
        {
            Fill(drafts, family, ports, [.. left.Values.OrderBy(e => e.Key, StringComparer.Ordinal)]);
        }

        // One without endpoints stays only if all are without.
        if (!drafts.Any(d => d.Endpoints.Count > 0) && (drafts.Find(d => d.PortsKey.Length == 0 && d.Slice is not null) ?? drafts.FirstOrDefault(d => d.PortsKey.Length == 0)) is var empty)
        {
            drafts.RemoveAll(d => d.Slice is null && d != empty);
            if (empty is null)
            {
                drafts.Add(empty = new Draft(family, []));
            }

            empty.IsKept = true;
        }

        return drafts.Select(d => d.Command(owner, newSuffix)).OfType<ObjectCommand>();
    }

    private static DeleteObject Delete(KubeObject slice, SliceOwner owner) => new(slice.Key, owner.By, owner.Cause, ExpectedUid: slice.Uid, ExpectedRevision: slice.Revision);

    // First those that change anyway, then the fullest one that takes all that is left, then new ones.
    private static void Fill(List<Draft> drafts, string family, string ports, List<ServiceEndpoint> left)
    {
        foreach (var draft in drafts.Where(d => d.PortsKey == ports && d.IsChanged))
        {
            draft.Take(left);
        }

        if (left.Count is > 0 and < Most && drafts.Where(d => d.PortsKey == ports && d.Endpoints.Count + left.Count <= Most).MaxBy(d => d.Endpoints.Count) is { } fitting)
        {
            fitting.Take(left);
        }

        while (left.Count > 0)
        {
            var draft = new Draft(family, left[0].Ports);
            draft.Take(left);
            drafts.Add(draft);
        }
    }

    private static JsonObject ToNode(ServiceEndpoint endpoint)
    {
        var node = new JsonObject
        {
            ["addresses"] = new JsonArray(endpoint.Address),
            ["conditions"] = new JsonObject { ["ready"] = endpoint.IsReady, ["serving"] = endpoint.IsServing, ["terminating"] = endpoint.IsTerminating },
        };
        if (endpoint.Target is { } target)
        {
            node["targetRef"] = target.DeepClone();
        }

        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[("nodeName", endpoint.Node), ("zone", endpoint.Zone), ("hostname", endpoint.Hostname)])
        {
            if (value is not null)
            {
                node[name] = value;
            }
        }

        var hints = new JsonObject();
        if (endpoint.ForZone is { } zone)
        {
            hints["forZones"] = new JsonArray(new JsonObject { ["name"] = zone });
        }

        if (endpoint.ForNode is { } host)
        {
            hints["forNodes"] = new JsonArray(new JsonObject { ["name"] = host });
        }

        if (hints.Count > 0)
        {
            node["hints"] = hints;
        }

        return node;
    }

    // A slice as it is, and as it will be.
    private sealed class Draft
    {
        private readonly IReadOnlyList<EndpointPort> _ports;
        private readonly JsonObject? _before;

        public Draft(KubeObject slice)
        {
            (Slice, _before) = (slice, slice.ToNode());
            Family = (string?)_before["addressType"] ?? "";
            _ports = EndpointPort.Read(_before["ports"]);
            PortsKey = EndpointPort.KeyOf(_ports);
        }

        public Draft(string family, IReadOnlyList<EndpointPort> ports) => (Family, _ports, PortsKey, IsChanged) = (family, ports, EndpointPort.KeyOf(ports), true);

        public KubeObject? Slice { get; }

        public string Family { get; }

        public string PortsKey { get; }

        public List<JsonObject> Endpoints { get; } = [];

        public bool IsChanged { get; private set; }

        // Whether it stays although it has no endpoints.
        public bool IsKept { get; set; }

        // Takes those that it has already; what it keeps is no longer wanted elsewhere.
        public void Keep(Dictionary<string, Dictionary<string, ServiceEndpoint>> wanted)
        {
            var mine = wanted.GetValueOrDefault(PortsKey) ?? [];
            foreach (var present in JsonFilling.Items(_before!, "endpoints"))
            {
                if (Endpoints.Count < Most && mine.Remove(ServiceEndpoint.KeyOf((string?)present["addresses"]?[0], present["targetRef"]), out var endpoint))
                {
                    var node = ToNode(endpoint);
                    IsChanged |= !JsonNode.DeepEquals(node, present);
                    Endpoints.Add(node);
                }
                else
                {
                    IsChanged = true;
                }
            }
        }

        public void Take(List<ServiceEndpoint> left)
        {
            var count = Math.Min(Most - Endpoints.Count, left.Count);
            if (count > 0)
            {
                Endpoints.AddRange(left.Take(count).Select(ToNode));
                left.RemoveRange(0, count);
                IsChanged = true;
            }
        }

        public ObjectCommand? Command(SliceOwner owner, Func<string> newSuffix)
        {
            if (Endpoints.Count == 0 && !IsKept)
            {
                return Slice is null ? null : Delete(Slice, owner);
            }

            var labels = new JsonObject(owner.Labels.Where(l => l.Key is not (ServiceLabel or ManagerLabel)).Select(l => KeyValuePair.Create(l.Key, (JsonNode?)JsonValue.Create(l.Value))))
            {
                [ServiceLabel] = owner.Owner.Name,
                [ManagerLabel] = owner.Manager,
            };
            if (Slice is null)
            {
                return new CreateObject(EndpointSliceDefinition.Instance.Key(owner.Owner.Namespace, Name(owner.Owner.Name, newSuffix())), Create(owner, labels), owner.By, owner.Cause);
            }

            var patch = new JsonObject();
            if (JsonMerge.Diff(_before!["metadata"]!["labels"] as JsonObject ?? [], labels) is { } labelled)
            {
                patch["metadata"] = new JsonObject { ["labels"] = labelled };
            }

            if (IsChanged)
            {
                patch["endpoints"] = new JsonArray([.. Endpoints]);
            }

            // The patch replaces the whole list, so it may apply only to the version that was read.
            return patch.Count == 0 ? null : new MergeObject(Slice.Key, Slice.Uid, patch, "updated", owner.By, owner.Cause, ExpectedRevision: Slice.Revision);
        }

        private JsonObject Create(SliceOwner owner, JsonObject labels) => new()
        {
            ["metadata"] = new JsonObject
            {
                ["generateName"] = $"{owner.Owner.Name}-",
                ["labels"] = labels,
                ["ownerReferences"] = new JsonArray(new Owner(owner.Owner.Kind.Kind, owner.Owner.Name, owner.Owner.Uid, IsController: true, Blocks: true) { ApiVersion = owner.Owner.Kind.ApiVersion }.ToNode()),
            },
            ["addressType"] = Family,
            ["ports"] = EndpointPort.ToNode(_ports, hasEmptyNames: true),
            ["endpoints"] = new JsonArray([.. Endpoints]),
        };

        private static string Name(string service, string suffix) => $"{service[..Math.Min(service.Length, 57)]}-{suffix}";
    }
}
