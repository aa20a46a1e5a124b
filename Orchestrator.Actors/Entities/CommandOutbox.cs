using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Logs;

namespace Orchestrator.Actors.Entities;

/// <summary>Sends the commands of one actor to entities: assigns correlation ids, matches replies to commands, gives up a command when no reply
/// arrives in time, and schedules a new decision after a failure. Part of the actor; not thread-safe.</summary>
/// <typeparam name="T">The subject of a command, such as an object or a node. After a failure the actor decides again for the subject, so that it
/// does not repeat an outdated command.</typeparam>
/// <remarks>A command whose reply was lost is decided twice and may be sent twice, so it must be safe to deliver twice. The actor passes each
/// <see cref="CommandReply"/> to <see cref="Take"/> and calls <see cref="TakeDue"/> on <see cref="CommandsDue"/>. It has one outbox.</remarks>
public sealed class CommandOutbox<T> where T : notnull
{
    private readonly Func<IActorRef> _region;
    private readonly OutboxOwner _owner;
    private readonly OpenCommands<T> _commands;
    private readonly TimeSpan _bound;
    private readonly long _start;
    private TimeSpan? _wakeAt;
    private bool _hasWarned;

    /// <summary>Creates an empty outbox.</summary>
    /// <param name="region">The shard region of all entities; resolved late because it starts after the actors that need it.</param>
    /// <param name="owner">The actor.</param>
    /// <param name="bound">Timeout of a reply; usually <see cref="ObjectCommand.ReplyBound"/>.</param>
    /// <param name="retry">Delays before a new decision; null if the actor schedules it.</param>
    public CommandOutbox(Func<IActorRef> region, OutboxOwner owner, TimeSpan bound, RetryPolicy? retry)
    {
        (_region, _owner, _bound, _start) = (region, owner, bound, owner.Time.GetTimestamp());

        // Ids start after those of the actor's predecessor, whose replies may still arrive.
        _commands = new OpenCommands<T>(owner.Time.GetUtcNow().Ticks, bound, retry);
    }

    /// <summary>Number of commands without a reply.</summary>
    public int Open => _commands.Count;

    private TimeSpan Now => _owner.Time.GetElapsedTime(_start);

    /// <summary>Sends a command.</summary>
    public void Send(T about, ObjectCommand command)
    {
        var now = Now;
        _region().Tell(_commands.Add(about, command, now), _owner.Self);
        Wake(now, now + _bound);
    }

    /// <summary>Handles a reply.</summary>
    /// <returns>The command that it answers; null if none is open. Ignore the reply then.</returns>
    public SettledCommand<T>? Take(CommandReply reply)
    {
        var now = Now;
        var settled = _commands.Take(reply, now);
        if (settled is { AgainIn: { } delay } refused)
        {
            Warn(refused, delay);
            Wake(now, now + delay);
        }

        return settled;
    }

    /// <summary>Handles <see cref="CommandsDue"/>.</summary>
    public DueCommands<T> TakeDue()
    {
        (_wakeAt, _hasWarned) = (null, false);
        var now = Now;
        var due = _commands.TakeDue(now);
        foreach (var givenUp in due.GivenUp.Where(g => g.AgainIn is not null))
        {
            Warn(givenUp, givenUp.AgainIn!.Value);
        }

        Wake(now, _commands.DueAt);
        return due;
    }

    // One timer, for the earliest time. It is not cancelled when its command is answered.
    private void Wake(TimeSpan now, TimeSpan? at)
    {
        if (at < (_wakeAt ?? TimeSpan.MaxValue))
        {
            _wakeAt = at;
            var wait = at.Value - now;
            _owner.Timers.Timers.StartSingleTimer(this, CommandsDue.Instance, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
        }
    }

    // Logs one line for all failures until the next try. A stale view is expected and not logged.
    private void Warn(SettledCommand<T> failed, TimeSpan delay)
    {
        if (!_hasWarned && failed.Reply.Error is { } error && !RetryPolicy.IsStale(error))
        {
            _hasWarned = true;
            _owner.Log.Warn("A command was not carried out; retrying", ("object", failed.Command.Key), ("command", failed.Command.GetType().Name), ("error", error.Message), ("retrySeconds", Math.Round(delay.TotalSeconds)));
        }
    }
}

/// <summary>The actor that an outbox belongs to.</summary>
/// <param name="Self">The actor.</param>
/// <param name="Timers">Its timers. They end with the actor, and so does every retry.</param>
/// <param name="Time">The clock.</param>
/// <param name="Log">Its log.</param>
public sealed record OutboxOwner(IActorRef Self, IWithTimers Timers, TimeProvider Time, ILoggingAdapter Log);

/// <summary>Sent to the actor when it is time to call <see cref="CommandOutbox{T}.TakeDue"/>.</summary>
public sealed record CommandsDue
{
    /// <summary>The one instance.</summary>
    public static readonly CommandsDue Instance = new();
}
