namespace Orchestrator.Actors.Entities;

/// <summary>The unanswered commands of one sender, and the subjects to decide again. Pure: times are arguments, measured on a clock that
/// never goes back.</summary>
/// <typeparam name="T">The subject of a command.</typeparam>
/// <param name="lastId">The correlation id before the first one.</param>
/// <param name="bound">Timeout of a reply.</param>
/// <param name="retry">Delays before a new decision; null if the sender schedules it.</param>
internal sealed class OpenCommands<T>(long lastId, TimeSpan bound, RetryPolicy? retry) where T : notnull
{
    // Null while none is open, to save memory: every pod has an outbox, which is usually idle.
    private Dictionary<long, (T About, ObjectCommand Command, TimeSpan DueAt)>? _open;
    private Retries<T>? _retries;
    private long _lastId = lastId;

    /// <summary>Number of commands without a reply.</summary>
    public int Count => _open?.Count ?? 0;

    /// <summary>When to call <see cref="TakeDue"/>; null for never.</summary>
    public TimeSpan? DueAt
    {
        get
        {
            var (reply, retry) = (_open?.Values.Min(o => o.DueAt), _retries?.DueAt);
            return retry is null || reply < retry ? reply : retry;
        }
    }

    /// <summary>Adds a command.</summary>
    /// <returns>The command with its correlation id, ready to send.</returns>
    public ObjectCommand Add(T about, ObjectCommand command, TimeSpan now)
    {
        command = command with { CorrelationId = ++_lastId };
        (_open ??= []).Add(command.CorrelationId, (about, command, now + bound));
        return command;
    }

    /// <summary>Settles the command that a reply answers.</summary>
    /// <returns>Null if it answers no open command, because it is late, a duplicate, or for another actor.</returns>
    public SettledCommand<T>? Take(CommandReply reply, TimeSpan now) =>
        Close(reply.CorrelationId) is (var about, var command, _) ? Settle(about, command, reply, now) : null;

    /// <summary>Gives up commands that timed out, in the order in which they were sent, and returns the subjects to decide again.</summary>
    public DueCommands<T> TakeDue(TimeSpan now)
    {
        var overdue = _open?.Where(o => o.Value.DueAt <= now).OrderBy(o => o.Key).Select(o => o.Value).ToList() ?? [];
        foreach (var (_, command, _) in overdue)
        {
            Close(command.CorrelationId);
        }

        return new DueCommands<T>([.. overdue.Select(o => Settle(o.About, o.Command, o.Command.Unanswered(bound), now))], _retries?.Take(now) ?? []);
    }

    private (T About, ObjectCommand Command, TimeSpan DueAt)? Close(long id)
    {
        if (_open is null || !_open.Remove(id, out var closed))
        {
            return null;
        }

        _open = _open.Count == 0 ? null : _open;
        return closed;
    }

    private SettledCommand<T> Settle(T about, ObjectCommand command, CommandReply reply, TimeSpan now)
    {
        if (retry is null)
        {
            return new SettledCommand<T>(about, command, reply, null);
        }

        if (reply.Error is { } error && RetryPolicy.IsWorthRepeating(error))
        {
            var at = (_retries ??= new Retries<T>(retry, bound * 2)).Failed(about, now);
            return new SettledCommand<T>(about, command, reply, at - now);
        }

        _retries?.Succeeded(about);
        return new SettledCommand<T>(about, command, reply, null);
    }
}

/// <summary>A command that was answered or given up.</summary>
/// <typeparam name="T">See <see cref="CommandOutbox{T}"/>.</typeparam>
/// <param name="About">The subject of the command.</param>
/// <param name="Command">The command.</param>
/// <param name="Reply">The reply; an error <see cref="Api.ApiReason.Timeout"/> if there was none.</param>
/// <param name="AgainIn">Delay until the subject is decided again; null for never.</param>
public readonly record struct SettledCommand<T>(T About, ObjectCommand Command, CommandReply Reply, TimeSpan? AgainIn);

/// <summary>Commands and subjects that are due.</summary>
/// <typeparam name="T">See <see cref="CommandOutbox{T}"/>.</typeparam>
/// <param name="GivenUp">The commands that timed out.</param>
/// <param name="Again">The subjects to decide again from the current state.</param>
public readonly record struct DueCommands<T>(IReadOnlyList<SettledCommand<T>> GivenUp, IReadOnlyList<T> Again);
