namespace Orchestrator.Actors.Entities;

/// <summary>The commands of one sender that were not answered, and what it has to decide again. Pure: times are arguments, measured on a clock that
/// never goes back.</summary>
/// <typeparam name="T">What the sender sends a command about. It decides again by this.</typeparam>
/// <param name="lastId">The correlation id before the first one.</param>
/// <param name="bound">How long a reply may take.</param>
/// <param name="retry">When to decide again; null if the sender sees to it.</param>
internal sealed class OpenCommands<T>(long lastId, TimeSpan bound, RetryPolicy? retry) where T : notnull
{
    // Null while none is open: there is an outbox for every pod, and it is idle most of the time.
    private Dictionary<long, (T About, ObjectCommand Command, TimeSpan DueAt)>? _open;
    private Retries<T>? _retries;
    private long _lastId = lastId;

    /// <summary>How many commands wait for their reply.</summary>
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
    /// <returns>The command with its correlation id, as it is to be sent.</returns>
    public ObjectCommand Add(T about, ObjectCommand command, TimeSpan now)
    {
        command = command with { CorrelationId = ++_lastId };
        (_open ??= []).Add(command.CorrelationId, (about, command, now + bound));
        return command;
    }

    /// <summary>Settles the command that a reply answers.</summary>
    /// <returns>Null if it answers none that is open: it comes late, for the second time, or is meant for somebody else.</returns>
    public SettledCommand<T>? Take(CommandReply reply, TimeSpan now) =>
        Close(reply.CorrelationId) is (var about, var command, _) ? Settle(about, command, reply, now) : null;

    /// <summary>Gives up the commands without a reply in time, in the order in which they were sent, and returns what is to be decided again.</summary>
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
/// <param name="About">What it was about.</param>
/// <param name="Command">The command.</param>
/// <param name="Reply">Its reply; with <see cref="Api.ApiReason.Timeout"/> if none came.</param>
/// <param name="AgainIn">When the outbox has it decided again; null for never.</param>
public readonly record struct SettledCommand<T>(T About, ObjectCommand Command, CommandReply Reply, TimeSpan? AgainIn);

/// <summary>What has become due.</summary>
/// <typeparam name="T">See <see cref="CommandOutbox{T}"/>.</typeparam>
/// <param name="GivenUp">The commands that got no reply in time.</param>
/// <param name="Again">What is to be decided again, from what is true by now: the refused command may be the wrong one.</param>
public readonly record struct DueCommands<T>(IReadOnlyList<SettledCommand<T>> GivenUp, IReadOnlyList<T> Again);
