using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.Agent;

namespace Orchestrator.Tests.Simulation;

/// <summary>A controller that plans without waiting until the cache shows what its last plan did.</summary>
internal sealed class PlansFromStaleCache : Parts
{
    public override IReconcileEffects Effects(IReconcileEffects effects) => new Impatient(effects);

    private sealed class Impatient(IReconcileEffects effects) : IReconcileEffects
    {
        public TimeProvider Time => effects.Time;

        public IClusterView View => effects.View;

        public long CacheRevision => long.MaxValue;

        public int Open => effects.Open;

        public string NewSuffix() => effects.NewSuffix();

        public void AwaitCache(long revision) => effects.AwaitCache(0);

        public void Pause(TimeSpan delay) => effects.Pause(delay);

        public void Send(int index, ObjectCommand command) => effects.Send(index, command);

        public void Tell(ObjectCommand command) => effects.Tell(command);

        public void WakeAfter(TimeSpan delay) => effects.WakeAfter(delay);

        public void BackedOff(ImmutableArray<RejectedCommand> rejected, TimeSpan delay) => effects.BackedOff(rejected, delay);
    }
}

/// <summary>An entity that answers before the journal has stored its event, and whose write may be refused.</summary>
internal sealed class AnswersBeforeStored : Parts
{
    public override void Store(SimulatedJournal journal, Envelope envelope, long sequenceNr, ImmutableArray<ObjectEvent> events, Action<Exception?> done) =>
        journal.Store(envelope, sequenceNr, events, fault =>
        {
            if (fault is not null)
            {
                foreach (var e in events)
                {
                    e.Revision = journal.Revision + 1;
                }
            }

            done(null);
        });
}

/// <summary>A pod that takes a second node.</summary>
internal sealed class BindsTwice : Parts
{
    public override Decision Decide(ResourceDefinition kind, KubeObject? state, ObjectCommand command, DecideContext context) =>
        command is BindPod bind && state is { NodeName: { } node } && node != bind.Node
            ? base.Decide(kind, state, new MergeObject(bind.Key, bind.Uid, new JsonObject { ["spec"] = new JsonObject { ["nodeName"] = bind.Node } }, "scheduled", bind.By), context)
            : base.Decide(kind, state, command, context);
}

/// <summary>A change that does not look whether another one came first.</summary>
internal sealed class OverwritesUnseen : Parts
{
    public override Decision Decide(ResourceDefinition kind, KubeObject? state, ObjectCommand command, DecideContext context) =>
        base.Decide(kind, state, command is ReplaceObject replace ? replace with { ExpectedRevision = 0 } : command, context);
}

/// <summary>A watch that resumes with the change that the client has seen last.</summary>
internal sealed class ResumesOneTooEarly : Parts
{
    public override long ResumeFrom(long last) => last - 1;
}

/// <summary>A planner that writes the time into the status each time.</summary>
internal sealed class WritesEveryTime : Parts
{
    private readonly Dictionary<string, IController> _controllers;

    public WritesEveryTime()
    {
        _controllers = new Dictionary<string, IController>(base.Controllers);
        var set = ReplicaSetDefinition.Instance.Resource;
        _controllers[set] = new Restless(_controllers[set]);
    }

    public override IReadOnlyDictionary<string, IController> Controllers => _controllers;

    private sealed class Restless(IController controller) : IController
    {
        public ResourceDefinition Kind => controller.Kind;

        public ImmutableArray<WakeRule> WokenBy => controller.WokenBy;

        public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context) =>
            controller.Plan(self, view, context) is { Commands.IsEmpty: false } plan ? plan
                : new ControllerPlan([new MergeObject(self.Key, self.Uid, new JsonObject { ["status"] = new JsonObject { ["seen"] = KubeTime.Text(context.Now) } }, "seen", "restless")], TimeSpan.FromSeconds(1));
    }
}

/// <summary>A trigger that does not wake the owners of pods.</summary>
internal sealed class WakesNoReplicaSet : Parts
{
    public override void Wake(ObjectKey key, Action wake)
    {
        if (key.Resource != ReplicaSetDefinition.Instance.Resource)
        {
            wake();
        }
    }
}

/// <summary>An agent that confirms the end of a pod before its containers have ended.</summary>
internal sealed class ConfirmsTooEarly : Parts
{
    public override void BeforeRemoval(SimulatedPodWorker worker) => worker.SayStopped();
}

/// <summary>An agent that starts a container anew although it runs.</summary>
internal sealed class StartsWhatRuns : Parts
{
    public override PodStep Next(PodManifest pod, RuntimePodStatus? observed, PodMemory memory, DateTimeOffset now) =>
        base.Next(pod, observed, memory, now) is PodStep.Kill kill ? new PodStep.Start(kill.Container, PodPlanner.Latest(observed, kill.Container.Name)!.Attempt + 1) : base.Next(pod, observed, memory, now);
}

/// <summary>A gateway that answers agents from a cache that is behind its predecessor's.</summary>
internal sealed class ForgetsBoundPods : Parts
{
    public override bool AnswersFromStaleCache => true;
}

/// <summary>A cache that loses the last event of a batch now and then.</summary>
internal sealed class LosesEvents : Parts
{
    public override void Fold(ObjectCache cache, IReadOnlyList<Committed> batch) =>
        base.Fold(cache, batch.Count > 2 && batch[0].Event.Revision % 7 == 0 ? [.. batch.Where((_, i) => i != 1)] : batch);
}
