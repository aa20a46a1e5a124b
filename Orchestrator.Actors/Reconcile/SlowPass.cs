using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Reconcile;

/// <summary>Spreads the wakes of a pass over all objects with a controller. Pure: times are arguments, measured from the start of the reconcile trigger.</summary>
internal sealed class SlowPass
{
    /// <summary>Length of a pass in which every object with a controller is woken once, although nothing changed (client-go: resync). It makes up for
    /// wakes that were lost.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(15);

    /// <summary>Time between two calls of <see cref="Take"/>.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    private readonly Queue<ObjectKey> _left = new();
    private TimeSpan _began;
    private int _share;

    /// <summary>Returns the next few objects, so that each is woken once per pass, even after a lost wake or a failure.</summary>
    /// <param name="now">Current time.</param>
    /// <param name="all">All objects with a controller; asked at the start of a pass.</param>
    public IReadOnlyList<ObjectKey> Take(TimeSpan now, Func<IEnumerable<KubeObject>> all)
    {
        if (_left.Count == 0)
        {
            if (now - _began < Length)
            {
                return [];
            }

            _began = now;
            foreach (var item in all())
            {
                _left.Enqueue(item.Key);
            }

            _share = (int)Math.Ceiling(_left.Count * (Step / Length));
        }

        var taken = new List<ObjectKey>();
        while (taken.Count < _share && _left.TryDequeue(out var key))
        {
            taken.Add(key);
        }

        return taken;
    }
}
