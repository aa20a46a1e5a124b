using System.Collections.Immutable;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Reconcile;

namespace Orchestrator.Tests.Simulation;

/// <summary>Runs production's <see cref="ReconcileLoop"/> in a simulated entity.</summary>
internal sealed class SimulatedReconciler : IReconcileEffects
{
    private readonly World _world;
    private readonly ControlHost _host;
    private readonly SimulatedEntity _entity;
    private readonly Life _life;
    private readonly ReconcileLoop _loop;
    private readonly SimulatedOutbox<int> _commands;

    public SimulatedReconciler(World world, ControlHost host, SimulatedEntity entity, Life life, IController controller)
    {
        (_world, _host, _entity, _life) = (world, host, entity, life);
        _loop = new ReconcileLoop(new WatchedController(world, controller), world.Parts.Effects(this));
        _commands = new SimulatedOutbox<int>(world, Name, life, ObjectCommand.BulkReplyBound, retry: null,
            settled => _loop.Acknowledge(settled, entity.State), due => _loop.GiveUp(due.GivenUp, entity.State));
    }

    public TimeProvider Time => _world.Time;

    public IClusterView View => _host.Cache;

    public long CacheRevision => _host.Cache.Revision;

    public int Open => _commands.Open;

    private string Name => $"reconciler of {_entity.Key}";

    public void Wake(long cause) => _loop.Wake(cause);

    public void Changed(long revision) => _loop.Changed(revision);

    public void Stopped(bool hasFailed) => _loop.Stopped(hasFailed);

    public string NewSuffix() => _world.Ids.NewSuffix();

    public void AwaitCache(long revision) => _host.WhenReached(revision, _life, () => _loop.CacheReached(_entity.State));

    public void Pause(TimeSpan delay) => _world.Time.After(delay, _life, _loop.WaitForCache);

    public void Send(int index, ObjectCommand command) => _commands.Send(index, command);

    public void Tell(ObjectCommand command) => _world.Network.Command(Name, _life, command, null);

    public void WakeAfter(TimeSpan delay) => _world.Network.Send(Name, "trigger", _ => _world.Singletons.Trigger?.Ask(_entity.Key, delay));

    public void BackedOff(ImmutableArray<RejectedCommand> rejected, TimeSpan delay) => _world.Trace.Note($"{Name} backs off for {delay.TotalSeconds:0} s: {rejected[0].Error.Message}");
}
