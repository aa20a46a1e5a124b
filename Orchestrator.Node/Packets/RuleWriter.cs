using Akka.Actor;

namespace Orchestrator.Node.Packets;

/// <summary>Brings a table of the kernel up to date with the rules of an actor. The first transaction, and that after a failure, is the whole table, since nobody knows what there is.</summary>
internal sealed class RuleWriter
{
    private readonly HashSet<string> _touched = [];
    private readonly HashSet<string> _underWay = [];
    private readonly Upkeep _upkeep;
    private bool _isWhole = true;
    private bool _isReady;

    /// <summary>Creates it.</summary>
    /// <param name="table">The table.</param>
    /// <param name="self">The actor, see <see cref="Upkeep"/>.</param>
    /// <param name="timers">The same actor, which has no timers yet while it is made.</param>
    /// <param name="rulesOf">The newest rules of an owner.</param>
    /// <param name="apply">Runs a transaction.</param>
    /// <param name="failed">Tells of a failure.</param>
    /// <param name="recovered">Tells that the last failure is over.</param>
    public RuleWriter(RuleTable table, IActorRef self, IWithTimers timers, Func<string, OwnedRules> rulesOf, Func<string, Task> apply, Action<Exception> failed, Action recovered) =>
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
            if (text.Length > 0)
            {
                return apply(text);
            }

            _underWay.Clear();
            return Task.CompletedTask;
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

    /// <summary>Rules of owners may have changed.</summary>
    public void Touch(IEnumerable<string> owners)
    {
        _touched.UnionWith(owners);
        _upkeep.Want();
    }
}
