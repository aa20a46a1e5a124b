using Akka.Actor;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Node.Copies;

/// <summary>Asks for a copy and keeps it up to date: whoever has everything gets no answer, so asking costs little, and what was lost on the way comes soon. The same thing is not asked for again before its time.</summary>
/// <param name="gateway">Who gives it.</param>
/// <param name="timed">The actor, which passes on each <see cref="Due"/> that it receives.</param>
/// <param name="position">How far the copy is.</param>
/// <param name="ask">Makes the question.</param>
internal sealed class FeedFollowing(IActorRef gateway, IWithTimers timed, Func<FeedPosition> position, Func<FeedPosition, IWireMessage> ask)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private FeedPosition? _asked;

    /// <summary>Asks.</summary>
    public void Ask()
    {
        _asked = position();
        gateway.Tell(ask(_asked));
        timed.Timers.StartSingleTimer(this, new Due(this), _asked == FeedPosition.None ? First : Interval);
    }

    /// <summary>Asks after a pause: an actor that begins anew has failed with what it was told, and may do so again.</summary>
    public void AskAnew() => timed.Timers.StartSingleTimer(this, new Due(this), Pause);

    /// <summary>Something is missing. Asks, if it has not been asked for.</summary>
    public void AskFor()
    {
        if (_asked != position())
        {
            Ask();
        }
    }

    /// <summary>It is time to ask again.</summary>
    /// <param name="Of">Whose time.</param>
    public sealed record Due(FeedFollowing Of);
}
