using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Endpoints;

/// <summary>Keeps the Endpoints of a service with a selector, for clients that do not read EndpointSlices: at most a thousand addresses, which an annotation says
/// (Kubernetes, "Service", over-capacity endpoints). Pure.</summary>
internal static class EndpointsPlanner
{
    /// <summary>The most addresses.</summary>
    public const int Most = 1000;

    private const string OverCapacity = "endpoints.kubernetes.io/over-capacity";
    private const string HeadlessLabel = "service.kubernetes.io/headless";

    /// <summary>The command that makes the object as it should be; null if it is.</summary>
    /// <param name="service">The service.</param>
    /// <param name="isHeadless">Whether the service has no address.</param>
    /// <param name="endpoints">The endpoints of pods that are not being deleted.</param>
    /// <param name="present">The Endpoints of the service's name; null if there are none.</param>
    /// <param name="by">Name of the controller in the journal.</param>
    /// <param name="cause">Revision that led to the plan.</param>
    public static ObjectCommand? Plan(KubeObject service, bool isHeadless, IReadOnlyList<ServiceEndpoint> endpoints, KubeObject? present, string by, long cause)
    {
        if (present?.IsDeleting == true)
        {
            return null;
        }

        // Those that are ready first.
        var shown = endpoints.OrderByDescending(e => e.IsReady).ThenBy(e => e.Key, StringComparer.Ordinal).Take(Most);
        var subsets = new JsonArray([.. shown.GroupBy(e => EndpointPort.KeyOf(e.Ports)).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => Subset([.. g]))]);
        var labels = new JsonObject(service.Labels.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)JsonValue.Create(l.Value))));
        if (isHeadless)
        {
            labels[HeadlessLabel] = "";
        }

        var owners = new JsonArray(new Owner(service.Kind.Kind, service.Name, service.Uid, IsController: true, Blocks: true) { ApiVersion = service.Kind.ApiVersion }.ToNode());
        var isTruncated = endpoints.Count > Most;
        if (present is null)
        {
            var meta = new JsonObject { ["labels"] = labels, ["ownerReferences"] = owners };
            if (isTruncated)
            {
                meta["annotations"] = new JsonObject { [OverCapacity] = "truncated" };
            }

            return new CreateObject(EndpointsDefinition.Instance.Key(service.Namespace, service.Name), new JsonObject { ["metadata"] = meta, ["subsets"] = subsets }, by, cause);
        }

        var before = present.ToNode();
        var after = (JsonObject)before.DeepClone();
        var metadata = (JsonObject)after["metadata"]!;
        (metadata["labels"], metadata["ownerReferences"], after["subsets"]) = (labels, owners, subsets);
        var annotations = JsonFilling.Child(metadata, "annotations");
        annotations.Remove(OverCapacity);
        if (isTruncated)
        {
            annotations[OverCapacity] = "truncated";
        }

        if (annotations.Count == 0)
        {
            metadata.Remove("annotations");
        }

        Normalize(before, "annotations");
        Normalize(before, "labels");
        Normalize(after, "labels");
        return JsonMerge.Diff(before, after) is { } patch ? new MergeObject(present.Key, present.Uid, patch, "updated", by, cause, ExpectedRevision: present.Revision) : null;
    }

    private static void Normalize(JsonObject o, string name)
    {
        if (o["metadata"]![name] is JsonObject { Count: 0 })
        {
            ((JsonObject)o["metadata"]!).Remove(name);
        }
    }

    private static JsonObject Subset(IReadOnlyList<ServiceEndpoint> endpoints)
    {
        var subset = new JsonObject();
        foreach (var (name, isReady) in (ReadOnlySpan<(string, bool)>)[("addresses", true), ("notReadyAddresses", false)])
        {
            var addresses = new JsonArray([.. endpoints.Where(e => e.IsReady == isReady).Select(Address)]);
            if (addresses.Count > 0)
            {
                subset[name] = addresses;
            }
        }

        if (endpoints[0].Ports.Count > 0)
        {
            subset["ports"] = EndpointPort.ToNode(endpoints[0].Ports, hasEmptyNames: false);
        }

        return subset;
    }

    private static JsonObject Address(ServiceEndpoint endpoint)
    {
        var address = new JsonObject { ["ip"] = endpoint.Address };
        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[("hostname", endpoint.Hostname), ("nodeName", endpoint.Node)])
        {
            if (value is not null)
            {
                address[name] = value;
            }
        }

        if (endpoint.Target is { } target)
        {
            address["targetRef"] = target.DeepClone();
        }

        return address;
    }
}
