using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.IngressClasses;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Ingresses;

/// <summary>Says of each Ingress of the cluster's own classes where it is served, and what is wrong with it.</summary>
public sealed class IngressController : IController
{
    private const string By = "system:ingress-controller";
    private const string Component = "ingress-controller";
    private static readonly ResourceDefinition[] Named = [ServiceDefinition.Instance, SecretDefinition.Instance];
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    public ResourceDefinition Kind => IngressDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        // What they name.
        new(o => Named.Contains(o.Kind) ? new(o.Namespace, $"{o.Kind.Resource}/{o.Name}") : null, (concern, view) =>
        {
            var parts = concern.Name.Split('/');
            return view.Indexed(IndexKey.Reference(new ObjectKey(parts[0], concern.Namespace, parts[1]))).Where(o => o.Kind == IngressDefinition.Instance).Select(o => o.Key);
        }),

        // Those that name the same hosts, which are also another matter once their class is.
        HostSharing.Wake,
        new(o => o.Kind == IngressClassDefinition.Instance ? new("", o.Name) : null, (concern, view) =>
            HostSharing.Naming(view.Indexed(IndexKey.Reference(IngressClassDefinition.Instance.Key(null, concern.Name))).Where(o => o.Kind == IngressDefinition.Instance).SelectMany(IngressReferences.HostsOf), view).Select(i => i.Key)),

        // The nodes that serve them.
        new(o => o.Kind == NodeDefinition.Instance && IngressNodes.IsHeard(o) ? new("", "") : null, (_, view) => view.All(IngressDefinition.Instance).Select(i => i.Key)),
    ];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        if (self.IsDeleting || self.References.FirstOrDefault(r => r.Resource == IngressClassDefinition.Instance.Resource) is not { } named)
        {
            return ControllerPlan.Nothing;
        }

        if (view.Find(named) is not { } found)
        {
            // It is served nowhere.
            return new ControllerPlan(Addressed(self, [], context), null) { Findings = [Found("IngressClassNotFound", $"Ingress class {named.Name} does not exist; nobody serves this Ingress")] };
        }

        if (!IngressClassDefinition.IsOurs(found))
        {
            return ControllerPlan.Nothing;
        }

        var ingress = self.As<V1Ingress>();
        var nodes = view.All(NodeDefinition.Instance).Where(IngressNodes.IsHeard).ToList();
        var due = IngressFindings.NextExpiry(ingress, view, context.Now) - context.Now;
        return new ControllerPlan(Addressed(self, IngressNodes.AddressesOf(nodes), context), due > LongestWait ? LongestWait : due)
        {
            Findings =
            [
                .. IngressFindings.Of(ingress, view, context.Now).Select(f => Found(f.Reason, f.Message)),
                .. HostSharing.FaultsOf(self, view).Select(f => Found(f.Reason, f.Message)),
                .. IngressNodes.FaultsOf(nodes).Select(f => Found(IngressNodes.NotListening, $"Node {f.Node} does not serve it: {f.Fault}")),
            ],
        };
    }

    private static ImmutableArray<ObjectCommand> Addressed(KubeObject self, IReadOnlyList<string> addresses, PlanContext context) =>
        BalancerStatus.Patch(self, addresses) is { } status ? [new MergeObject(self.Key, self.Uid, status, "addressed", By, context.Cause)] : [];

    private static Finding Found(string reason, string message) => new(message, new RecordedEvent("Warning", reason, message, Component), By);
}
