namespace Orchestrator.Tests.Journal;

/// <summary>Stands at a moment; real timers. Cancels a token when it has been read a number of times, which ends what measures itself by it midway.</summary>
internal sealed class StepClock(DateTimeOffset now, int readings = int.MaxValue) : TimeProvider, IDisposable
{
    private readonly CancellationTokenSource _spent = new();
    private int _left = readings;

    public CancellationToken Spent => _spent.Token;

    public override DateTimeOffset GetUtcNow() => now;

    public override long GetTimestamp()
    {
        if (--_left == 0)
        {
            _spent.Cancel();
        }

        return 0;
    }

    public void Dispose() => _spent.Dispose();
}
