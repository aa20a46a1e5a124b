using System.Collections.Concurrent;

namespace Orchestrator.Node.Agent.Pages;

/// <summary>How often each probe of the pods of a node had which result. Thread-safe.</summary>
internal sealed class ProbeTotals
{
    private readonly ConcurrentDictionary<(string PodUid, string Container, string Kind, bool IsSuccess), long> _totals = new();

    /// <summary>Counts a result.</summary>
    /// <param name="podUid">Uid of the pod.</param>
    /// <param name="container">Name of the container.</param>
    /// <param name="kind"><c>Liveness</c>, <c>Readiness</c> or <c>Startup</c>.</param>
    /// <param name="isSuccess">Whether it succeeded.</param>
    public void Count(string podUid, string container, string kind, bool isSuccess) => _totals.AddOrUpdate((podUid, container, kind, isSuccess), 1, (_, n) => n + 1);

    /// <summary>All totals; those of pods that are gone are forgotten.</summary>
    public IReadOnlyList<(string PodUid, string Container, string Kind, bool IsSuccess, long Total)> Of(IReadOnlySet<string> pods)
    {
        foreach (var gone in _totals.Keys.Where(k => !pods.Contains(k.PodUid)))
        {
            _totals.TryRemove(gone, out _);
        }

        return [.. _totals.Select(t => (t.Key.PodUid, t.Key.Container, t.Key.Kind, t.Key.IsSuccess, t.Value))];
    }
}
