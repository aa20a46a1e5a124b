using Akka.Actor;
using Orchestrator.Node.Network;

namespace Orchestrator.Node.Packets;

/// <summary>Brings a table of the kernel up to date with the rules of an actor. The first transaction, and that after a failure, is the whole table, since nobody knows what there is.</summary>
internal sealed class RuleWriter
{
    private readonly HashSet<string> _touched = [];
    private readonly HashSet<string> _underWay = [];
    private readonly Upkeep _upkeep;
    private bool _isWhole = true;
    private bool _isReady;
    private bool _isDoubted;

    /// <summary>Creates it.</summary>
    /// <param name="table">The table.</param>
    /// <param name="self">The actor, see <see cref="Upkeep"/>.</param>
    /// <param name="timers">The same actor, which has no timers yet while it is made.</param>
    /// <param name="rulesOf">The newest rules of an owner.</param>
    /// <param name="apply">Runs a transaction, and what has to follow it. The transaction is empty if no rule changes.</param>
    /// <param name="has">Whether the kernel has a table of that name.</param>
    /// <param name="failed">Tells of a failure.</param>
    /// <param name="recovered">Tells that the last failure is over.</param>
    public RuleWriter(RuleTable table, IActorRef self, IWithTimers timers, Func<string, OwnedRules> rulesOf, Func<string, Task> apply, Func<string, Task<bool>> has, Action<Exception> failed, Action recovered) =>
        _upkeep = new Upkeep(self, timers, () =>
        {
            if (!_isReady)
            {
                return Task.CompletedTask;
            }

            var text = table.Change(_touched.Select(o => KeyValuePair.Create(o, rulesOf(o))).ToList());
            _underWay.UnionWith(_touched);
            _touched.Clear();
            text = _isWhole || _upkeep!.HasFailed ? table.Whole() : text;
            _isWhole = false;
            if (_isDoubted)
            {
                _isDoubted = false;
                return CheckAsync(table.Name, has, text, apply);
            }

            var run = apply(text);
            if (run.IsCompletedSuccessfully)
            {
                _underWay.Clear();
            }

            return run;
        }, failed, recovered, _underWay.Clear);

    /// <summary>Whether the kernel has the newest rules of an owner.</summary>
    public bool IsWritten(string owner) => _isReady && !_isWhole && !_upkeep.HasFailed && !_touched.Contains(owner) && !_underWay.Contains(owner);

    /// <summary>All owners have been touched that there are: from now on the table is written.</summary>
    public void Begin()
    {
        if (!_isReady)
        {
            _isReady = true;
            _upkeep.Want();
        }
    }

    /// <summary>Somebody may have removed the table, such as a firewall that was loaded anew, and nothing tells of it.</summary>
    public void Doubt()
    {
        _isDoubted = _isReady && !_isWhole;
        _upkeep.Want();
    }

    /// <summary>Rules of owners may have changed.</summary>
    public void Touch(IEnumerable<string> owners)
    {
        _touched.UnionWith(owners);
        _upkeep.Want();
    }

    // What fails is followed by the whole.
    private static async Task CheckAsync(string table, Func<string, Task<bool>> has, string text, Func<string, Task> apply)
    {
        if (!await has(table).ConfigureAwait(false))
        {
            throw new NetworkException($"somebody has removed the table {table} of packet rules; it is made again");
        }

        await apply(text).ConfigureAwait(false);
    }
}
