using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.Agent;
using k8s.Models;

namespace Orchestrator.Tests.Simulation;

/// <summary>An invariant does not hold.</summary>
internal sealed class SimulationViolation(string message) : Exception(message);

/// <summary>What must hold at every moment. Each method is told what happened and throws if it must not.</summary>
internal sealed class Invariants(World world)
{
    private const int MaxEqualPlans = 60;
    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(5);
    private readonly Dictionary<string, Life> _creators = [];
    private readonly Dictionary<string, int> _mostReplicas = [];
    private readonly Dictionary<string, string> _deleted = [];
    private readonly HashSet<(string Uid, string Container, int Attempt)> _started = [];
    private readonly Dictionary<ObjectKey, (string Plan, int Times)> _plans = [];
    private readonly List<(ObjectCommand Command, CommandReply Reply)> _acknowledged = [];
    private readonly JobInvariants _jobs = new(world);

    /// <summary>An event was stored.</summary>
    public void Stored(StoredEvent stored)
    {
        var (before, after) = (stored.Before, stored.After);
        if (after is not null && after.Owners.Count(o => o.IsController) > 1)
        {
            throw new SimulationViolation($"{stored.Key} has two controllers");
        }

        if (after?.Kind == ReplicaSetDefinition.Instance)
        {
            _mostReplicas[after.Uid] = Math.Max(_mostReplicas.GetValueOrDefault(after.Uid), after.As<V1ReplicaSet>().Spec.Replicas ?? 1);
        }

        if (after?.Kind == JobDefinition.Instance)
        {
            _mostReplicas[after.Uid] = Math.Max(_mostReplicas.GetValueOrDefault(after.Uid), after.As<V1Job>().Spec.Parallelism ?? 1);
        }

        _jobs.Stored(before, after);
        world.Parts.Stored(world, stored);
        if (after is null && before is not null)
        {
            _deleted[before.Uid] = before.Key.PersistenceId;
        }

        if (stored.Key.Resource == PodDefinition.Instance.Resource)
        {
            Pod(stored, before, after);
        }
    }

    /// <summary>A container starts.</summary>
    public void Started(string node, RuntimePodStatus pod, string container, int attempt)
    {
        if (pod.Containers.Any(c => c.Name == container && c.State == ContainerState.Running))
        {
            throw new SimulationViolation($"{node} starts {container} of {pod.Name} although it runs");
        }

        if (world.Nodes.FirstOrDefault(n => n.Name != node && n.Runtime.Runs(pod.Uid)) is { } other)
        {
            throw new SimulationViolation($"{node} starts pod {pod.Name} ({pod.Uid}), which runs on {other.Name}");
        }

        if (!_started.Add((pod.Uid, container, attempt)))
        {
            throw new SimulationViolation($"{node} starts attempt {attempt} of {container} of pod {pod.Name} for the second time");
        }

        if (_deleted.ContainsKey(pod.Uid))
        {
            throw new SimulationViolation($"{node} starts pod {pod.Name} ({pod.Uid}), which is deleted");
        }
    }

    /// <summary>A controller made a plan.</summary>
    public void Planned(KubeObject self, ControllerPlan plan)
    {
        var signature = string.Join(", ", plan.Commands.Select(Describe));
        if (signature.Length > 0)
        {
            world.Trace.Note($"{self.Key} plans {signature}");
        }

        var (known, times) = _plans.GetValueOrDefault(self.Key);
        times = signature.Length > 0 && known == signature && world.Faults == Faults.None ? times + 1 : 1;
        _plans[self.Key] = (signature, times);
        if (times > MaxEqualPlans)
        {
            throw new SimulationViolation($"{self.Key} makes the same plan for the {times}th time: {signature}");
        }
    }

    /// <summary>A user got an answer without an error.</summary>
    public void Acknowledged(ObjectCommand command, CommandReply reply)
    {
        Check(command, reply);
        _acknowledged.Add((command, reply));
    }

    /// <summary>At the end, everything that was acknowledged is still there.</summary>
    public void AtEnd()
    {
        foreach (var (command, reply) in _acknowledged)
        {
            Check(command, reply);
            if (command is CreateObject && command.Key.Resource != PodDefinition.Instance.Resource && !world.Client.IsDoomed(command.Key) && world.Journal.Find(command.Key)?.Uid != reply.Object!.Uid)
            {
                throw new SimulationViolation($"{command.Key} was created and nobody deleted it, and it is not there");
            }

            if (command is DeleteObject && world.Journal.Find(command.Key) is { } left && left.Uid == reply.Object!.Uid)
            {
                throw new SimulationViolation($"the deletion of {command.Key} was accepted, and it is still there");
            }
        }

        foreach (var host in world.Hosts)
        {
            SameObjects(host);
        }
    }

    private static string Describe(ObjectCommand command) => command switch
    {
        CreateObject => $"Create {command.Key.Resource}",
        MergeObject merge => $"{merge.Verb} {command.Key}",
        ReplaceObject replace => $"Replace {replace.Subresource} {command.Key}",
        _ => $"{command.GetType().Name} {command.Key}",
    };

    private void Pod(StoredEvent stored, KubeObject? before, KubeObject? after)
    {
        if (before?.NodeName is { Length: > 0 } node && after is not null && after.Uid == before.Uid && after.NodeName != node)
        {
            throw new SimulationViolation($"pod {after.Name} ({after.Uid}) moves from {node} to {after.NodeName}");
        }

        if (before is not null && after is null && world.Nodes.FirstOrDefault(n => n.Runtime.Runs(before.Uid)) is { } running)
        {
            throw new SimulationViolation($"pod {before.Name} ({before.Uid}) is deleted and runs on {running.Name}");
        }

        if (before is null && after?.Controller is { } owner)
        {
            OnceEach(stored.Envelope, after, owner.Uid);
        }
    }

    // A controller that acts on what it has done does not create more pods than anyone ever wanted. Commands that arrive late or twice may.
    private void OnceEach(Envelope envelope, KubeObject pod, string owner)
    {
        if (envelope.IsCopy || !envelope.Sender.IsAlive || world.Time.Now - envelope.SentAt > Prompt)
        {
            return;
        }

        _creators[pod.Uid] = envelope.Sender;
        var active = world.Journal.Of(PodDefinition.Instance).Append(pod).DistinctBy(p => p.Uid).Count(p => p.Controller?.Uid == owner && !p.IsDeleting && p.Phase is not ("Succeeded" or "Failed")
            && _creators.GetValueOrDefault(p.Uid) == envelope.Sender);
        if (_mostReplicas.TryGetValue(owner, out var most) && active > most)
        {
            throw new SimulationViolation($"{envelope.Command.By.Name} creates pod {pod.Name} as number {active} although at most {most} were ever wanted");
        }
    }

    private void Check(ObjectCommand command, CommandReply reply)
    {
        if (reply.Revision > world.Journal.Revision || reply.Revision == 0 || world.Journal.At(reply.Revision) is not { } committed || committed.PersistenceId != command.Key.PersistenceId)
        {
            throw new SimulationViolation($"{command.GetType().Name} {command.Key} was acknowledged at revision {reply.Revision}, where the journal does not have it");
        }

        // Nobody's write is overwritten unseen.
        if (command is ReplaceObject { ExpectedRevision: > 0 and var read } && reply.Revision != reply.Before
            && world.Journal.RevisionsOf(command.Key).TakeWhile(r => r < reply.Revision).LastOrDefault() != read)
        {
            throw new SimulationViolation($"the change of {command.Key} at {reply.Revision} was made from revision {read}, and hides another");
        }
    }

    // The caches, the entities and their histories as they would be read now all come to the same objects.
    private void SameObjects(ControlHost host)
    {
        foreach (var kind in host.Cache.Registry.All)
        {
            var cached = ((IClusterView)host.Cache).All(kind).Where(o => o.Kind.Plural != "events").ToDictionary(o => o.Key.PersistenceId);
            var wanted = kind.Plural == "events" ? [] : world.Journal.Of(kind).ToList();
            foreach (var item in wanted)
            {
                if (!cached.Remove(item.Key.PersistenceId, out var found) || !found.Json.Span.SequenceEqual(item.Json.Span))
                {
                    throw new SimulationViolation($"the cache of {host.Name} does not have {item.Key} as the journal has it");
                }
            }

            if (cached.Keys.FirstOrDefault() is { } surplus)
            {
                throw new SimulationViolation($"the cache of {host.Name} has {surplus}, which is gone");
            }
        }

        foreach (var entity in host.Entities.Where(e => !e.IsStoring))
        {
            var item = world.Journal.Find(entity.Key);
            if (entity.State?.Revision != item?.Revision || (item is not null && !entity.State!.Json.Span.SequenceEqual(item.Json.Span)))
            {
                throw new SimulationViolation($"the entity of {entity.Key} does not have the state that its history comes to");
            }
        }
    }
}

/// <summary>A controller whose plans are checked.</summary>
internal sealed class WatchedController(World world, IController controller) : IController
{
    public ResourceDefinition Kind => controller.Kind;

    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        var plan = controller.Plan(self, view, context);
        world.Invariants.Planned(self, plan);
        return plan;
    }

    public Orchestrator.Actors.Journal.RecordedEvent? EventFor(RejectedCommand rejected) => controller.EventFor(rejected);
}
