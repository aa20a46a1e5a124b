using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.Agent;

namespace Orchestrator.Tests.Simulation;

/// <summary>The parts of production that the simulation calls. A mutation replaces one of them by a broken one.</summary>
internal class Parts
{
    private static readonly FrozenDictionary<string, IController> BuiltIn = Node.Hosting.Controllers.All.ToFrozenDictionary(c => c.Kind.Resource);

    /// <summary>Creates a mutation by its name.</summary>
    public static Parts Named(string mutation) =>
        (Parts)Activator.CreateInstance(typeof(Parts).Assembly.GetType($"{typeof(Parts).Namespace}.{mutation}", throwOnError: true)!, nonPublic: true)!;

    /// <summary>The controllers by resource.</summary>
    public virtual IReadOnlyDictionary<string, IController> Controllers => BuiltIn;

    /// <summary>What a reconcile loop sees of its entity.</summary>
    public virtual IReconcileEffects Effects(IReconcileEffects effects) => effects;

    /// <summary>Decides a command.</summary>
    public virtual Decision Decide(ResourceDefinition kind, KubeObject? state, ObjectCommand command, DecideContext context) => AdmittedDecider.Decide(kind, state, command, context);

    /// <summary>Stores events.</summary>
    public virtual void Store(SimulatedJournal journal, Envelope envelope, long sequenceNr, ImmutableArray<ObjectEvent> events, Action<Exception?> done) =>
        journal.Store(envelope, sequenceNr, events, done);

    /// <summary>Applies events to a cache.</summary>
    public virtual void Fold(ObjectCache cache, IReadOnlyList<Committed> batch) => cache.Fold(batch);

    /// <summary>The trigger wakes an object because of a change, or in its slow pass.</summary>
    public virtual void Wake(ObjectKey key, Action wake) => wake();

    /// <summary>The next step of a pod.</summary>
    public virtual PodStep Next(PodManifest pod, RuntimePodStatus? observed, PodMemory memory, DateTimeOffset now) => PodPlanner.Next(pod, observed, memory, now);

    /// <summary>The removal of a pod begins.</summary>
    public virtual void BeforeRemoval(SimulatedPodWorker worker)
    {
    }

    /// <summary>The revision from which a watch resumes.</summary>
    public virtual long ResumeFrom(long last) => last;

    /// <summary>Whether users want jobs too. They are not in every world, because they would give each seed another history.</summary>
    public virtual bool HasJobs => false;

    /// <summary>Whether users want autoscalers too; see <see cref="HasJobs"/>.</summary>
    public virtual bool HasAutoscalers => false;

    /// <summary>Whether users want stateful sets and daemon sets too; see <see cref="HasJobs"/>.</summary>
    public virtual bool HasSets => false;

    /// <summary>Whether users want cron jobs too; see <see cref="HasJobs"/>.</summary>
    public virtual bool HasCronJobs => false;

    /// <summary>Whether pods have claims, for which volumes are made on nodes.</summary>
    public virtual bool HasClaims => false;

    /// <summary>What goes wrong in the world of a seed.</summary>
    public virtual Faults FaultsOf(Random random) => Faults.Of(random);

    /// <summary>Whether a container that ends by itself fails.</summary>
    public virtual bool TaskFails(Random random) => random.Next(3) == 0;

    /// <summary>An event was persisted; nobody has an answer yet.</summary>
    public virtual void AfterEvent(World world, ObjectKey key) => world.Restarts.AfterEvent(key);

    /// <summary>What an administrator creates before there are users.</summary>
    public virtual IEnumerable<(ResourceDefinition Kind, JsonObject Object)> Fixtures => [];

    /// <summary>Adds to an object what the users of this world ask for besides.</summary>
    public virtual void Want(World world, ResourceDefinition kind, JsonObject o)
    {
    }

    /// <summary>A user does what only users of this world do; false for what all do.</summary>
    public virtual bool Act(World world) => false;

    /// <summary>An event was stored.</summary>
    public virtual void Stored(World world, StoredEvent stored)
    {
    }

    /// <summary>Returns what an object lacks; null if nothing.</summary>
    /// <param name="world">The world.</param>
    /// <param name="o">The object.</param>
    /// <param name="usual">What it lacks in other worlds.</param>
    public virtual string? Lacks(World world, KubeObject o, string? usual) => usual;

    /// <summary>The world that it is part of.</summary>
    public virtual void Enter(World world)
    {
    }

    /// <summary>Whether a gateway answers agents before its cache has caught up with the journal.</summary>
    public virtual bool AnswersFromStaleCache => false;
}
