using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>The pods behind a service, as endpoints. Pure.</summary>
internal static class ServicePods
{
    // A label is no object, but whoever names it is found in the same way.
    private const string Labels = "labels";

    /// <summary>A change of a pod wakes the services that select it: those that name one of its labels, which is a look-up for each label, and not a scan of all services.</summary>
    public static readonly WakeRule Wake = new(
        o => o.Kind == PodDefinition.Instance && o.NodeName is { Length: > 0 } && o.Labels.Count > 0 ? new(o.Namespace, string.Join(',', o.Labels.Select(l => $"{l.Key}={l.Value}"))) : null,
        (concern, view) => concern.Name.Split(',').SelectMany(label => view.Indexed(IndexKey.Reference(new ObjectKey(Labels, concern.Namespace, label))))
            .Where(s => s.Kind == ServiceDefinition.Instance && Selects(s, concern.Name)).Select(s => s.Key));

    /// <summary>The label by which a service is found, the first of its selector; none if it has no selector.</summary>
    public static IEnumerable<ObjectKey> References(JsonObject service) => service["spec"]?["selector"] is JsonObject { Count: > 0 } selector && (string?)service["spec"]?["type"] != "ExternalName"
        ? selector.OrderBy(p => p.Key, StringComparer.Ordinal).Take(1).Select(p => new ObjectKey(Labels, (string?)service["metadata"]?["namespace"] ?? "", $"{p.Key}={(string?)p.Value}")) : [];

    /// <summary>The endpoints of a service, one for each address of a pod, those of pods that are being deleted included.</summary>
    public static IReadOnlyList<ServiceEndpoint> Of(KubeObject self, V1Service service, IClusterView view) =>
    [
        .. view.All(PodDefinition.Instance, self.Namespace).Where(p => service.Spec.Selector.All(s => p.Labels.GetValueOrDefault(s.Key) == s.Value))
            .Select(PodOutline.Of).Where(p => !p.HasEnded).SelectMany(p => p.Addresses.Select(a => Endpoint(p, a, service, view))),
    ];

    private static bool Selects(KubeObject service, string labels)
    {
        var all = labels.Split(',').ToHashSet(StringComparer.Ordinal);
        return service.As<V1Service>().Spec?.Selector?.All(s => all.Contains($"{s.Key}={s.Value}")) == true;
    }

    private static ServiceEndpoint Endpoint(PodOutline pod, string address, V1Service service, IClusterView view)
    {
        var published = service.Spec.PublishNotReadyAddresses == true;
        var node = pod.Object.NodeName is { Length: > 0 } name ? name : null;
        var zone = node is null ? null : view.Find(NodeDefinition.Instance.Key(null, node))?.Labels.GetValueOrDefault(ZoneShares.Label);

        // Of both, the annotation counts (Kubernetes, "Service", traffic distribution).
        var spread = ZoneShares.IsAsked(service) ? null : service.Spec.TrafficDistribution;
        return new ServiceEndpoint(address, [.. (service.Spec.Ports ?? []).Select(p => Port(p, pod)).OfType<EndpointPort>()])
        {
            IsReady = published || (pod.IsReady && !pod.Object.IsDeleting),
            IsServing = pod.IsReady,
            IsTerminating = pod.Object.IsDeleting,
            Node = node,
            Zone = zone,
            ForZone = spread is "PreferClose" or "PreferSameZone" or "PreferSameNode" ? zone : null,
            ForNode = spread == "PreferSameNode" ? node : null,
            Hostname = pod.Subdomain == service.Metadata.Name && pod.Hostname is { Length: > 0 } host ? host : null,
            Target = new JsonObject { ["kind"] = pod.Object.Kind.Kind, ["namespace"] = pod.Object.Namespace, ["name"] = pod.Object.Name, ["uid"] = pod.Object.Uid },
        };
    }

    // Pods may have a port of that name under different numbers, or not at all.
    private static EndpointPort? Port(V1ServicePort port, PodOutline pod)
    {
        var target = port.TargetPort?.Value is { Length: > 0 } text ? text : port.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var protocol = port.Protocol ?? "TCP";
        var number = int.TryParse(target, out var given) ? given : pod.Ports.FirstOrDefault(p => p.Name == target && p.Protocol == protocol).Number;
        return number > 0 ? new EndpointPort(port.Name ?? "", number, protocol, port.AppProtocol) : null;
    }
}
