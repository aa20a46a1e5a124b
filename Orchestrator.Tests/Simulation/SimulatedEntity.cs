using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Simulation;

/// <summary>The entity of one object: production's decisions on the state that the journal comes to, one command at a time, as <see cref="EntityActor"/>.</summary>
internal sealed class SimulatedEntity
{
    private readonly World _world;
    private readonly ControlHost _host;
    private readonly ResourceDefinition _kind;
    private readonly Life _life = new();
    private readonly Queue<Envelope> _stashed = new();
    private readonly SimulatedReconciler? _reconciler;
    private long _revision;
    private long _sequenceNr;
    private bool _isStoring;

    public SimulatedEntity(World world, ControlHost host, ObjectKey key)
    {
        (_world, _host, Key) = (world, host, key);
        _kind = host.Cache.Registry.ByResource(key.Resource)!;
        foreach (var e in world.Journal.Replay(key.PersistenceId))
        {
            (State, _revision, _sequenceNr) = (ObjectState.Apply(_kind, State, e), e.Revision, _sequenceNr + 1);
        }

        _reconciler = world.Parts.Controllers.TryGetValue(key.Resource, out var controller) ? new SimulatedReconciler(world, host, this, _life, controller) : null;
    }

    public ObjectKey Key { get; }

    /// <summary>The object; null if there is none.</summary>
    public KubeObject? State { get; private set; }

    /// <summary>Whether a write is under way.</summary>
    public bool IsStoring => _isStoring;

    /// <summary>Takes a command, after those that came before.</summary>
    public void Receive(Envelope envelope)
    {
        if (_isStoring)
        {
            _stashed.Enqueue(envelope);
        }
        else if (envelope.Command is WakeObject wake)
        {
            _reconciler?.Wake(wake.Cause);
        }
        else
        {
            Handle(envelope);
        }
    }

    /// <summary>The host died: nothing is said or stored any more, except what is under way to the journal.</summary>
    public void Die() => _life.End();

    /// <summary>The entity stops.</summary>
    /// <param name="hasFailed">See <see cref="IReconciler.Stopped"/>.</param>
    public void Stop(bool hasFailed)
    {
        _reconciler?.Stopped(hasFailed || _isStoring);
        _life.End();
    }

    private void Handle(Envelope envelope)
    {
        var command = envelope.Command;
        var decision = _world.Parts.Decide(_kind, State, command, new DecideContext(_world.Time.GetUtcNow(), _world.Ids.NewUid()) { View = _host.Cache });
        if (decision.Error is not null || decision.Events.IsEmpty)
        {
            Reply(envelope, new CommandReply(decision.Error is null ? State : null, decision.Error, State is null, _revision, _revision));
            return;
        }

        _isStoring = true;
        _world.Parts.Store(_world.Journal, envelope, _sequenceNr + 1, decision.Events, fault =>
        {
            if (_life.IsAlive)
            {
                Stored(envelope, decision.Events, fault);
            }
        });
    }

    private void Stored(Envelope envelope, ImmutableArray<ObjectEvent> events, Exception? fault)
    {
        if (fault is not null)
        {
            // The stashed commands are lost with the actor.
            Reply(envelope, new CommandReply(null, JournalFault.ToError(fault)));
            _host.Forget(Key);
            Stop(hasFailed: true);
            return;
        }

        var before = State;
        foreach (var e in events)
        {
            (State, _revision, _sequenceNr) = (ObjectState.Apply(_kind, State, e), e.Revision, _sequenceNr + 1);
        }

        _isStoring = false;
        Reply(envelope, new CommandReply(State ?? before!.At(_revision), null, State is null, _revision, before?.Revision ?? 0));
        _reconciler?.Changed(_revision);
        while (!_isStoring && _life.IsAlive && _stashed.TryDequeue(out var next))
        {
            Receive(next);
        }
    }

    private void Reply(Envelope envelope, CommandReply reply)
    {
        if (envelope.Reply is { } take)
        {
            _world.Network.Send(Key.PersistenceId, envelope.Command.By.Name, _ => take(reply with { CorrelationId = envelope.Command.CorrelationId }));
        }
    }
}
