using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.ControllerRevisions;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.StatefulSets;

/// <summary>Turns the plan of <see cref="StatefulSetPlanner"/> into commands to pods, claims, revisions and the stateful set itself.</summary>
public sealed class StatefulSetController : IController
{
    private const string Component = "statefulset-controller";
    private const string HashLabel = "controller.kubernetes.io/hash";
    private const string NameLabel = "statefulset.kubernetes.io/pod-name";
    private const string IndexLabel = "apps.kubernetes.io/pod-index";

    /// <inheritdoc/>
    public ResourceDefinition Kind => StatefulSetDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        // A pod without a controller: any stateful set of its namespace may adopt it.
        Adoption.By(StatefulSetDefinition.Instance, PodDefinition.Instance),
        Adoption.By(StatefulSetDefinition.Instance, ControllerRevisionDefinition.Instance),

        // A claim: a pod waits until all of its claims are there.
        new(o => o.Kind == PersistentVolumeClaimDefinition.Instance ? new(o.Namespace, "") : null,
            (concern, view) => view.All(StatefulSetDefinition.Instance, concern.Namespace).Where(s => s.As<V1StatefulSet>().Spec.VolumeClaimTemplates?.Count > 0).Select(s => s.Key)),
    ];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        var set = self.As<V1StatefulSet>();
        var by = $"statefulset:{self.Namespace}/{self.Name}";
        var own = new ControllerCommands(self, by, context.Cause);
        var keeper = new RevisionKeeper(self, new RevisedWorkload(Kind, set.Metadata, set.Spec.Template, set.Spec.RevisionHistoryLimit ?? 10, set.Status?.CollisionCount, HashLabel), set.Spec.Selector, by, context);
        var (history, planned, revising) = keeper.Plan(view);
        if (!self.IsDeleting && (revising.Length > 0 || planned.Update is null))
        {
            return new ControllerPlan(revising, null);
        }

        var refs = ControllerRefs.Of(set.Metadata, set.Spec.Selector, Adoption.Candidates(self, view, PodDefinition.Instance).Where(o => StatefulPod.OrdinalOf(o.Name, self.Name) is not null), o => o);
        List<StatefulPod> pods = [.. refs.Owned.Concat(refs.Adopt).Select(p => StatefulPod.Of(PodOutline.Of(p), self.Name)!)];
        var update = planned.Update?.Name ?? set.Status?.UpdateRevision ?? "";
        var current = history.Any(r => r.Name == set.Status?.CurrentRevision) ? set.Status!.CurrentRevision : update;
        var plan = StatefulSetPlanner.Plan(set, new StatefulRevisions(current, update), pods, planned.CollisionCount, context.Now);

        var steps = new Steps(self, set, view, by, context);
        foreach (var pod in plan.Create.OrderByDescending(p => p.Ordinal)) // The longest name is admitted for all.
        {
            steps.Create(pod, history.First(r => r.Name == pod.Revision).Template ?? set.Spec.Template);
        }

        foreach (var (pod, why) in plan.Delete)
        {
            steps.Delete(pod, why);
        }

        steps.Commands.AddRange(refs.Adopt.Select(own.Adopt));
        steps.Commands.AddRange(refs.Release.Select(own.Release));
        if (!self.IsDeleting)
        {
            steps.KeepOwners(pods);
            var used = pods.Select(p => p.Revision).Append(current).Append(update).ToHashSet(StringComparer.Ordinal);
            steps.Commands.AddRange(keeper.DeleteOutdated(history, r => used.Contains(r.Name)));
        }

        if (plan.Status is not null)
        {
            steps.Commands.Add(own.Status(plan.Status));
        }

        return new ControllerPlan(steps.Commands.ToImmutable(), plan.RecheckAfter) { PlannedEvents = steps.Events.ToImmutable(), EventsVerb = "scaled" };
    }

    /// <inheritdoc/>
    public RecordedEvent? EventFor(RejectedCommand rejected) => rejected.Command switch
    {
        CreateObject create when create.Key.Resource == PodDefinition.Instance.Resource =>
            new RecordedEvent("Warning", "FailedCreate", $"create Pod {create.Key.Name} in StatefulSet {SetOf(create)} failed error: {rejected.Error.Message}", Component),
        CreateObject create when create.Key.Resource == PersistentVolumeClaimDefinition.Instance.Resource =>
            new RecordedEvent("Warning", "FailedCreate", $"create Claim {create.Key.Name} in StatefulSet {SetOf(create)} failed error: {rejected.Error.Message}", Component),
        DeleteObject delete when delete.Key.Resource == PodDefinition.Instance.Resource =>
            new RecordedEvent("Warning", "FailedDelete", $"delete Pod {delete.Key.Name} in StatefulSet {SetOf(delete)} failed error: {rejected.Error.Message}", Component),
        _ => null,
    };

    private static string SetOf(ObjectCommand command) => command.By.Name[(command.By.Name.LastIndexOf('/') + 1)..];

    // The commands of one plan.
    private sealed class Steps(KubeObject self, V1StatefulSet set, IClusterView view, string by, PlanContext context)
    {
        private readonly VolumeClaims _claims = new(set);
        private readonly Dictionary<string, (JsonObject Pod, ApiError? Error)> _templates = [];

        public ImmutableArray<ObjectCommand>.Builder Commands { get; } = ImmutableArray.CreateBuilder<ObjectCommand>();

        public ImmutableArray<PlannedEvent>.Builder Events { get; } = ImmutableArray.CreateBuilder<PlannedEvent>();

        public void Create(PlannedStatefulPod planned, V1PodTemplateSpec template)
        {
            var name = StatefulPod.NameOf(self.Name, planned.Ordinal);
            if (!HasClaims(planned.Ordinal, name))
            {
                return; // Woken again when they are there.
            }

            var key = PodDefinition.Instance.Key(self.Namespace, name);
            if (!_templates.TryGetValue(planned.Revision, out var admitted))
            {
                // Admission runs once for all pods of a revision; they differ in their name and its traces.
                _templates[planned.Revision] = admitted = TemplatedPods.Admit(Pod(planned, template), view);
            }

            // What admission refuses is sent nevertheless, so that the entity's refusal is the event of the stateful set.
            Commands.Add(new CreateObject(key, admitted.Error is null ? Named(admitted.Pod, planned.Ordinal) : (JsonObject)Models.ToNode(Pod(planned, template)), by, context.Cause) { IsAdmitted = admitted.Error is null });
            Events.Add(new PlannedEvent(key, Normal("SuccessfulCreate", $"create Pod {name} in StatefulSet {self.Name} successful")));
        }

        public void Delete(StatefulPod pod, PodEnd why)
        {
            // Its claims must know first that they go with it.
            if (why == PodEnd.ScaledDown && Claims(pod.Ordinal).Any(c => _claims.Owners(c, pod) is not null))
            {
                return;
            }

            Commands.Add(new DeleteObject(pod.Outline.Object.Key, by, context.Cause, ExpectedUid: pod.Outline.Object.Uid));
            Events.Add(new PlannedEvent(pod.Outline.Object.Key, why switch
            {
                PodEnd.Failed => new RecordedEvent("Warning", "RecreatingFailedPod", $"StatefulSet {self.Namespace}/{self.Name} is recreating failed Pod {pod.Name}", Component),
                PodEnd.Succeeded => Normal("RecreatingTerminatedPod", $"StatefulSet {self.Namespace}/{self.Name} is recreating terminated Pod {pod.Name}"),
                _ => Normal("SuccessfulDelete", $"delete Pod {pod.Name} in StatefulSet {self.Name} successful"),
            }));
        }

        /// <summary>Makes the claims of a pod that are missing. One that is about to go, or belongs to a former pod, must be gone or taken over first.</summary>
        private bool HasClaims(int ordinal, string pod)
        {
            var hasAll = true;
            foreach (var wanted in _claims.For(ordinal))
            {
                var key = PersistentVolumeClaimDefinition.Instance.Key(self.Namespace, wanted.Metadata.Name);
                var claim = view.Find(key);
                if (claim is null)
                {
                    hasAll = false;
                    Commands.Add(new CreateObject(key, (JsonObject)Models.ToNode(wanted), by, context.Cause));
                    Events.Add(new PlannedEvent(key, Normal("SuccessfulCreate", $"create Claim {wanted.Metadata.Name} Pod {pod} in StatefulSet {self.Name} success")));
                }
                else if (claim.IsDeleting || _claims.GoesWithFormer(claim))
                {
                    hasAll = false;
                }
                else if (_claims.Owners(claim, null) is { } owners)
                {
                    hasAll = false;
                    Commands.Add(Retained(claim, owners));
                }
            }

            return hasAll;
        }

        private MergeObject Retained(KubeObject claim, JsonArray owners) =>
            new(claim.Key, claim.Uid, new JsonObject { ["metadata"] = new JsonObject { ["ownerReferences"] = owners } }, "retained", by, context.Cause, ExpectedRevision: claim.Revision);

        /// <summary>Keeps the owners of all claims of the present pods right.</summary>
        public void KeepOwners(IReadOnlyList<StatefulPod> pods)
        {
            var (first, count) = (set.Spec.Ordinals?.Start ?? 0, set.Spec.Replicas ?? 1);
            foreach (var pod in pods)
            {
                var isCondemned = pod.Ordinal < first || pod.Ordinal - first >= count;
                if (!isCondemned && pod.Outline.Object.Phase == "Pending")
                {
                    HasClaims(pod.Ordinal, pod.Name); // Somebody deleted one before the pod could start.
                    continue;
                }

                foreach (var claim in Claims(pod.Ordinal))
                {
                    if (_claims.Owners(claim, isCondemned ? pod : null) is { } owners)
                    {
                        Commands.Add(Retained(claim, owners));
                    }
                }
            }
        }

        private IEnumerable<KubeObject> Claims(int ordinal) =>
            _claims.NamesOf(ordinal).Select(n => view.Find(PersistentVolumeClaimDefinition.Instance.Key(self.Namespace, n))).OfType<KubeObject>();

        private V1Pod Pod(PlannedStatefulPod planned, V1PodTemplateSpec template)
        {
            var pod = TemplatedPods.NewPod(StatefulSetDefinition.Instance, set.Metadata, template);
            var name = StatefulPod.NameOf(self.Name, planned.Ordinal);
            (pod.Metadata.Name, pod.Metadata.GenerateName) = (name, null);
            pod.Metadata.Labels = new Dictionary<string, string>(pod.Metadata.Labels ?? new Dictionary<string, string>())
            {
                [StatefulPod.RevisionLabel] = planned.Revision,
                [NameLabel] = name,
                [IndexLabel] = planned.Ordinal.ToString(CultureInfo.InvariantCulture),
            };
            pod.Spec.Hostname = name;
            pod.Spec.Subdomain = set.Spec.ServiceName;
            _claims.Mount(pod.Spec, planned.Ordinal);
            return pod;
        }

        private JsonObject Named(JsonObject template, int ordinal)
        {
            var pod = (JsonObject)template.DeepClone();
            var (metadata, spec, name) = ((JsonObject)pod["metadata"]!, (JsonObject)pod["spec"]!, StatefulPod.NameOf(self.Name, ordinal));
            metadata["name"] = name;
            spec["hostname"] = name;
            metadata["labels"]![NameLabel] = name;
            metadata["labels"]![IndexLabel] = ordinal.ToString(CultureInfo.InvariantCulture);
            foreach (var volume in JsonFilling.Items(spec, "volumes").Where(v => set.Spec.VolumeClaimTemplates?.Any(t => t.Metadata.Name == (string?)v["name"]) == true))
            {
                volume["persistentVolumeClaim"]!["claimName"] = _claims.NameOf((string)volume["name"]!, ordinal);
            }

            return pod;
        }

        private static RecordedEvent Normal(string reason, string message) => new("Normal", reason, message, Component);
    }
}
