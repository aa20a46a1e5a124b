using Orchestrator.Actors.Journal;

namespace Orchestrator.Tests.Journal;

/// <summary>A sink that records the published events.</summary>
internal sealed class RecordingSink : ICommitSink
{
    private readonly List<Committed> _items = [];
    private readonly List<(long Revision, TaskCompletionSource Done)> _waiting = [];

    public Committed[] Items
    {
        get
        {
            lock (_items)
            {
                return [.. _items];
            }
        }
    }

    public long[] Revisions => [.. Items.Select(c => c.Event.Revision)];

    public void Publish(IReadOnlyList<Committed> batch)
    {
        lock (_items)
        {
            _items.AddRange(batch);
            foreach (var (_, done) in _waiting.Where(w => w.Revision <= batch[^1].Event.Revision))
            {
                done.TrySetResult();
            }
        }
    }

    public Task ReachedAsync(long revision)
    {
        lock (_items)
        {
            if (_items.Count > 0 && _items[^1].Event.Revision >= revision)
            {
                return Task.CompletedTask;
            }

            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((revision, done));
            return done.Task.WaitAsync(TimeSpan.FromSeconds(20));
        }
    }
}
