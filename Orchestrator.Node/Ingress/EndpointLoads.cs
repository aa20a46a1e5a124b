using System.Collections.Concurrent;

namespace Orchestrator.Node.Ingress;

/// <summary>How busy endpoints are, and which could not be reached a moment ago. Of two that are drawn at random, the one with fewer requests takes the next (power of two choices).</summary>
/// <param name="time">The clock.</param>
/// <param name="draw">Returns a number from 0 up to one less than given.</param>
internal sealed class EndpointLoads(TimeProvider time, Func<int, int> draw)
{
    private static readonly TimeSpan Shunned = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, Load> _loads = [];

    /// <summary>Chooses the endpoint of a request; null if there is none.</summary>
    /// <param name="addresses">The endpoints.</param>
    /// <param name="tried">Those that the request was sent to in vain.</param>
    public string? Choose(IReadOnlyList<string> addresses, IReadOnlySet<string> tried)
    {
        var left = tried.Count == 0 ? addresses : [.. addresses.Where(a => !tried.Contains(a))];
        var reached = left.Any(IsShunned) ? [.. left.Where(a => !IsShunned(a))] : left;
        return Draw(reached.Count > 0 ? reached : left);
    }

    /// <summary>A request goes to an endpoint, until what is returned is disposed.</summary>
    public IDisposable Begin(string address) => new Request(_loads.GetOrAdd(address, _ => new Load()));

    /// <summary>An endpoint could not be reached.</summary>
    public void Shun(string address) => _loads.GetOrAdd(address, _ => new Load()).ShunnedAt = time.GetTimestamp();

    /// <summary>Forgets all endpoints but these.</summary>
    public void Keep(IReadOnlySet<string> addresses)
    {
        foreach (var (address, load) in _loads)
        {
            if (!addresses.Contains(address) && Volatile.Read(ref load.Requests) == 0)
            {
                _loads.TryRemove(address, out _);
            }
        }
    }

    private string? Draw(IReadOnlyList<string> from)
    {
        if (from.Count < 2)
        {
            return from.Count == 0 ? null : from[0];
        }

        var first = draw(from.Count);
        var second = (first + 1 + draw(from.Count - 1)) % from.Count;
        return RequestsOf(from[second]) < RequestsOf(from[first]) ? from[second] : from[first];
    }

    private int RequestsOf(string address) => _loads.TryGetValue(address, out var load) ? Volatile.Read(ref load.Requests) : 0;

    private bool IsShunned(string address) => _loads.TryGetValue(address, out var load) && load.ShunnedAt is > 0 and var at && time.GetElapsedTime(at) < Shunned;

    private sealed class Load
    {
        public int Requests;
        public long ShunnedAt;
    }

    private sealed class Request : IDisposable
    {
        private readonly Load _load;

        public Request(Load load)
        {
            _load = load;
            Interlocked.Increment(ref load.Requests);
        }

        public void Dispose() => Interlocked.Decrement(ref _load.Requests);
    }
}
