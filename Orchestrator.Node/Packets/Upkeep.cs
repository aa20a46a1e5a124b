using Akka.Actor;

namespace Orchestrator.Node.Packets;

/// <summary>Work of an actor that brings something up to date whenever there is reason to: one run at a time, once more for what came meanwhile, and again after a failure. A reason for which it fails is told once.</summary>
/// <param name="self">The actor. It passes on each <see cref="Ended"/> and <see cref="Due"/> that it receives.</param>
/// <param name="timers">The same actor, which has no timers yet while it is made.</param>
/// <param name="begin">Begins a run. One that has succeeded already had nothing to do.</param>
/// <param name="failed">Tells of a failure.</param>
/// <param name="recovered">Tells that the last failure is over.</param>
/// <param name="done">A run has succeeded.</param>
internal sealed class Upkeep(IActorRef self, IWithTimers timers, Func<Task> begin, Action<Exception> failed, Action recovered, Action? done = null)
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);
    private bool _isRunning;
    private bool _isWanted;
    private string? _fault;

    /// <summary>Whether the last run failed, so that nobody knows what it has left.</summary>
    public bool HasFailed => _fault is not null;

    /// <summary>There is something to do.</summary>
    public void Want()
    {
        _isWanted = true;
        if (!_isRunning && !timers.Timers.IsTimerActive(this))
        {
            Begin();
        }
    }

    /// <summary>The pause after a failure is over.</summary>
    public void TakeDue() => Begin();

    private void Begin()
    {
        _isWanted = false;
        var run = begin();
        if (!run.IsCompletedSuccessfully)
        {
            _isRunning = true;
            run.PipeTo(self, success: () => new Ended(this, null), failure: e => new Ended(this, e));
        }
    }

    /// <summary>A run has ended.</summary>
    public void Take(Ended ended)
    {
        _isRunning = false;
        if (ended.Fault is { } fault)
        {
            if (_fault != fault.Message)
            {
                failed(fault);
            }

            _fault = fault.Message;
            timers.Timers.StartSingleTimer(this, new Due(this), Retry);
            return;
        }

        if (_fault is not null)
        {
            _fault = null;
            recovered();
        }

        done?.Invoke();
        if (_isWanted)
        {
            Want();
        }
    }

    /// <summary>A run of <paramref name="Of"/> has ended.</summary>
    /// <param name="Of">Whose.</param>
    /// <param name="Fault">Why it failed; null if it did not.</param>
    public sealed record Ended(Upkeep Of, Exception? Fault);

    /// <summary>A run that failed is tried again.</summary>
    /// <param name="Of">Whose.</param>
    public sealed record Due(Upkeep Of);
}
