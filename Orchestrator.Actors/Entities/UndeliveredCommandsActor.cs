using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Entities;

/// <summary>Replies to commands that reached no entity, because it stopped before it handled them: its history could not be read, or an earlier write failed.
/// Otherwise their senders would wait for <see cref="ObjectCommand.ReplyBound"/> and not know whether the command was carried out.</summary>
public sealed class UndeliveredCommandsActor : ReceiveActor
{
    /// <summary>Use <see cref="Props"/>.</summary>
    public UndeliveredCommandsActor() => Receive<DeadLetter>(letter =>
    {
        if (letter.Message is ObjectCommand command && !letter.Sender.IsNobody() && letter.Sender != Context.System.DeadLetters)
        {
            letter.Sender.Tell(new CommandReply(null, new ApiError(ApiReason.ServiceUnavailable,
                $"{command.Key} stopped before it handled the request, because the journal could not be read or written; nothing was stored. Try again."))
            {
                CorrelationId = command.CorrelationId,
            });
        }
    });

    /// <summary>Creates the props; one actor per host.</summary>
    public static Props Props() => Akka.Actor.Props.Create(() => new UndeliveredCommandsActor());

    /// <inheritdoc/>
    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));
}
