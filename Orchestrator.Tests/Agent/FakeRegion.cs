using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Agent;

/// <summary>Entities in memory, decided and folded as the real ones. Each event that they would store goes to a listener; their answers can be held back.</summary>
internal sealed class FakeRegion : ReceiveActor
{
    private readonly Dictionary<ObjectKey, KubeObject> _objects = [];
    private long _revision;
    private ApiError? _refusal;
    private readonly ResourceRegistry _registry = new();
    private bool _isMute;

    public FakeRegion(IActorRef journal, TimeProvider time)
    {
        Receive<Refuse>(refuse => _refusal = refuse.Error);
        Receive<Mute>(mute => _isMute = mute.IsMute);
        Receive<ObjectCommand>(command =>
        {
            if (_refusal is { } error)
            {
                Sender.Tell(new CommandReply(null, error) { CorrelationId = command.CorrelationId });
                return;
            }

            var kind = _registry.ByResource(command.Key.Resource)!;
            var before = _objects.GetValueOrDefault(command.Key);
            var decision = ObjectDecider.Decide(kind, before, command, new DecideContext(time.GetUtcNow(), $"uid-of-{command.Key.Name}"));
            var after = before;
            foreach (var e in decision.Events)
            {
                var stored = e with { Revision = ++_revision };
                after = ObjectState.Apply(kind, after, stored);
                journal.Tell(new Committed(command.Key.PersistenceId, 1, stored));
            }

            _objects.Remove(command.Key);
            if (after is not null)
            {
                _objects[command.Key] = after;
            }

            if (!_isMute)
            {
                Sender.Tell(new CommandReply(decision.Error is null ? after ?? before : null, decision.Error, after is null, _revision, before?.Revision ?? 0) { CorrelationId = command.CorrelationId });
            }
        });
    }

    public static Props Props(IActorRef journal, TimeProvider time) => Akka.Actor.Props.Create(() => new FakeRegion(journal, time));

    /// <summary>From now on every command is refused; null: none.</summary>
    internal sealed record Refuse(ApiError? Error);

    /// <summary>From now on what is stored is not answered.</summary>
    internal sealed record Mute(bool IsMute);
}
