using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary>The snapshots that lists in pieces are read from, kept for their next piece. Thread-safe.</summary>
internal sealed class UnfinishedLists(TimeProvider time)
{
    /// <summary>How long a snapshot is kept; Kubernetes' interval of compaction.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // A snapshot shares what did not change since with the present.
    private const int Most = 64;

    private readonly Lock _gate = new();
    private readonly List<(ResourceDefinition Kind, KindSnapshot Snapshot, long At)> _kept = [];

    public void Keep(ResourceDefinition kind, KindSnapshot snapshot)
    {
        lock (_gate)
        {
            Forget();
            if (_kept.Exists(k => k.Kind.Resource == kind.Resource && k.Snapshot.Revision == snapshot.Revision))
            {
                return;
            }

            if (_kept.Count == Most)
            {
                _kept.RemoveAt(0);
            }

            _kept.Add((kind, snapshot, time.GetTimestamp()));
        }
    }

    /// <summary>The snapshot of a revision; null when it is not kept any more.</summary>
    public KindSnapshot? Find(ResourceDefinition kind, long revision)
    {
        lock (_gate)
        {
            Forget();
            return _kept.Find(k => k.Kind.Resource == kind.Resource && k.Snapshot.Revision == revision).Snapshot;
        }
    }

    private void Forget() => _kept.RemoveAll(k => time.GetElapsedTime(k.At) > Patience);
}
