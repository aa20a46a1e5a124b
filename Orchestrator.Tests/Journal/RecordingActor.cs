using Akka.Actor;
using Akka.Persistence;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Tests.Journal;

/// <summary>A persistent actor that stores the events it gets and answers with those it recovered.</summary>
internal sealed class RecordingActor : ReceivePersistentActor
{
    private readonly List<ObjectEvent> _events = [];

    public RecordingActor(string id)
    {
        PersistenceId = id;
        Recover<ObjectEvent>(_events.Add);
        Recover<SnapshotOffer>(_ => { });
        Command<ObjectEvent>(e => Persist(e, stored =>
        {
            _events.Add(stored);
            Sender.Tell(stored.Revision);
        }));
        Command<IReadOnlyList<ObjectEvent>>(batch => PersistAll(batch, _events.Add, () => Sender.Tell(_events.Select(e => e.Revision).ToArray())));
        Command<string>(_ => Sender.Tell(_events.ToArray()));
    }

    public override string PersistenceId { get; }

    public static Props Props(string id) => Akka.Actor.Props.Create(() => new RecordingActor(id));
}
