using Orchestrator.Actors.Entities;

namespace Orchestrator.Tests.Simulation;

/// <summary>The commands of one part: production's <see cref="OpenCommands{T}"/> with the timer of <see cref="CommandOutbox{T}"/>.</summary>
/// <param name="world">The world.</param>
/// <param name="name">The part.</param>
/// <param name="life">Its life.</param>
/// <param name="bound">Timeout of a reply.</param>
/// <param name="retry">Delays before a new decision; null if the part schedules it.</param>
/// <param name="settled">A command was answered.</param>
/// <param name="due">Commands were given up, or something is to be decided again.</param>
internal sealed class SimulatedOutbox<T>(World world, string name, Life life, TimeSpan bound, RetryPolicy? retry, Action<SettledCommand<T>> settled, Action<DueCommands<T>> due)
    where T : notnull
{
    private readonly OpenCommands<T> _open = new(world.Time.GetUtcNow().Ticks, bound, retry);
    private TimeSpan? _wakeAt;

    /// <summary>Number of commands without a reply.</summary>
    public int Open => _open.Count;

    /// <summary>Sends a command.</summary>
    public void Send(T about, ObjectCommand command)
    {
        var sent = _open.Add(about, command, world.Time.Now);
        world.Network.Command(name, life, sent, Take);
        Wake(_open.DueAt);
    }

    private void Take(CommandReply reply)
    {
        if (life.IsAlive && _open.Take(reply, world.Time.Now) is { } answered)
        {
            Wake(_open.DueAt);
            settled(answered);
        }
    }

    private void Wake(TimeSpan? at)
    {
        if (at < (_wakeAt ?? TimeSpan.MaxValue))
        {
            _wakeAt = at;
            world.Time.After(at.Value - world.Time.Now, life, () =>
            {
                if (_wakeAt == at)
                {
                    _wakeAt = null;
                    var taken = _open.TakeDue(world.Time.Now);
                    Wake(_open.DueAt);
                    due(taken);
                }
            });
        }
    }
}
