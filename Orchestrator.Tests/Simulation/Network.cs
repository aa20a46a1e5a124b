using Orchestrator.Actors.Entities;

namespace Orchestrator.Tests.Simulation;

/// <summary>A command on its way.</summary>
/// <param name="Command">The command.</param>
/// <param name="Sender">The life of the part that sent it.</param>
/// <param name="Reply">Takes the reply; null if the sender does not want one.</param>
/// <param name="SentAt">When it was sent.</param>
/// <param name="IsCopy">Whether it is the second delivery.</param>
internal sealed record Envelope(ObjectCommand Command, Life Sender, Action<CommandReply>? Reply, TimeSpan SentAt, bool IsCopy = false);

/// <summary>Messages between parts. They keep their order between two parts, as in Akka, but can be late, lost, or, against Akka's rules, doubled.</summary>
internal sealed class Network(World world)
{
    private readonly Dictionary<(string From, string To), TimeSpan> _arrivals = [];

    /// <summary>Sends a command to its entity.</summary>
    public void Command(string from, Life sender, ObjectCommand command, Action<CommandReply>? reply)
    {
        var envelope = new Envelope(command, sender, reply, world.Time.Now);
        Send(from, command.Key.PersistenceId, isCopy => world.Region.Deliver(isCopy ? envelope with { IsCopy = true } : envelope));
    }

    /// <summary>Sends a message.</summary>
    /// <param name="from">The sender.</param>
    /// <param name="to">The receiver.</param>
    /// <param name="deliver">What happens when it arrives; the argument is whether it is the second delivery.</param>
    public void Send(string from, string to, Action<bool> deliver)
    {
        var (faults, random) = (world.Faults, world.Random);
        if (random.NextDouble() < faults.Lost)
        {
            world.Trace.Note($"lost: {from} -> {to}");
            return;
        }

        var delay = random.NextDouble() < faults.Late ? faults.Latest * random.NextDouble() : TimeSpan.FromMilliseconds(0.1 + (random.NextDouble() * 5));
        var at = world.Time.Now + delay;
        if (_arrivals.GetValueOrDefault((from, to)) is var earlier && at < earlier)
        {
            at = earlier;
        }

        // An order of its own, because actions of the same time run in any order.
        at += TimeSpan.FromTicks(1);
        _arrivals[(from, to)] = at;
        world.Time.After(at - world.Time.Now, () => deliver(false));
        if (random.NextDouble() < faults.Doubled)
        {
            world.Trace.Note($"doubled: {from} -> {to}");
            _arrivals[(from, to)] = at += TimeSpan.FromTicks(1);
            world.Time.After(at - world.Time.Now, () => deliver(true));
        }
    }
}
