using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.EndpointSlices;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Endpoints;

/// <summary>Mirrors Endpoints that somebody made for a service without a selector into EndpointSlices (Kubernetes, "EndpointSlices", mirroring).</summary>
public sealed class EndpointsController : IController
{
    private const string By = "system:endpointslicemirroring-controller";
    private const string Manager = "endpointslicemirroring-controller.k8s.io";
    private const string SkipLabel = "endpointslice.kubernetes.io/skip-mirror";
    private const string LeaderAnnotation = "control-plane.alpha.kubernetes.io/leader";
    private const int MostPerSubset = 1000;

    /// <inheritdoc/>
    public ResourceDefinition Kind => EndpointsDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        new(o => o.Kind == ServiceDefinition.Instance ? new(o.Namespace, o.Name) : null, (concern, view) => view.Find(EndpointsDefinition.Instance.Key(concern.Namespace, concern.Name)) is { } own ? [own.Key] : []),
    ];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        if (self.IsDeleting)
        {
            return ControllerPlan.Nothing;
        }

        var slices = view.Indexed(IndexKey.Owner(self.Uid)).Where(s => s.Kind == EndpointSliceDefinition.Instance && s.Labels.GetValueOrDefault(EndpointSlicePlanner.ManagerLabel) == Manager).ToList();
        if (!IsMirrored(self, view))
        {
            return new ControllerPlan([.. slices.Select(s => new DeleteObject(s.Key, By, context.Cause, ExpectedUid: s.Uid, ExpectedRevision: s.Revision))], null);
        }

        var owner = new SliceOwner(self, Manager, self.Labels, By, context.Cause);
        var endpoints = Endpoints(self.ToNode()).ToList();

        // Without any, a slice says so.
        string[] families = [.. endpoints.Select(e => e.Family!).Distinct().DefaultIfEmpty(IpFamilies.V4)];
        return new ControllerPlan([.. EndpointSlicePlanner.Plan(owner, families, endpoints, slices, context.NewSuffix)], null);
    }

    // Made by hand, or by an operator for one of its own objects.
    private static bool IsMirrored(KubeObject self, IClusterView view) => self.Labels.GetValueOrDefault(SkipLabel) != "true" && self.ToNode()["metadata"]?["annotations"]?[LeaderAnnotation] is null
        && view.Find(ServiceDefinition.Instance.Key(self.Namespace, self.Name)) is { IsDeleting: false } service && !self.Owners.Any(o => o.Uid == service.Uid) && service.References.IsEmpty && service.ToNode()["spec"]?["selector"] is not JsonObject { Count: > 0 };

    private static IEnumerable<ServiceEndpoint> Endpoints(JsonObject self)
    {
        foreach (var subset in JsonFilling.Items(self, "subsets"))
        {
            var ports = EndpointPort.Read(subset["ports"]);
            var all = JsonFilling.Items(subset, "addresses").Select(a => (Address: a, IsReady: true)).Concat(JsonFilling.Items(subset, "notReadyAddresses").Select(a => (Address: a, IsReady: false)));
            foreach (var (address, isReady) in all.Take(MostPerSubset))
            {
                if (IPAddress.TryParse((string?)address["ip"], out var ip))
                {
                    yield return new ServiceEndpoint(ip.ToString(), ports)
                    {
                        IsReady = isReady,
                        IsServing = isReady,
                        Node = (string?)address["nodeName"],
                        Hostname = (string?)address["hostname"],
                        Target = address["targetRef"] as JsonObject,
                    };
                }
            }
        }
    }
}
