namespace Orchestrator.Node.Agent.Pods;

/// <summary>Answers pods of a node that ask for other resources. A pod that has to wait counts with what it had.</summary>
internal sealed class ResizeDesk
{
    private readonly Dictionary<string, NodeRoom> _waiting = [];

    /// <summary>Answers a pod.</summary>
    /// <param name="podUid">Its uid.</param>
    /// <param name="ask">What it asks for and has.</param>
    /// <param name="others">What the others ask for, by uid.</param>
    /// <param name="capacity">What the node can give.</param>
    public ResizeVerdict Answer(string podUid, ResizeAsk ask, IEnumerable<(string Uid, NodeRoom Room)> others, NodeRoom capacity)
    {
        var taken = others.Where(o => o.Uid != podUid).Aggregate(default(NodeRoom), (sum, o) => sum + (_waiting.TryGetValue(o.Uid, out var held) ? held : o.Room));
        var verdict = PodResize.Decide(ask.Wanted, ask.Asked, taken, capacity);
        if (verdict.Answer == ResizeAnswer.Granted)
        {
            _waiting.Remove(podUid);
        }
        else
        {
            _waiting[podUid] = ask.Held;
        }

        return verdict;
    }

    /// <summary>A pod has left, has ended, or asks for something else or nothing: returns those that may ask again.</summary>
    public IReadOnlyList<string> Left(string podUid)
    {
        _waiting.Remove(podUid);
        return [.. _waiting.Keys];
    }
}

/// <summary>A pod asks for other resources.</summary>
/// <param name="Wanted">See <see cref="ResizeVerdict.Wanted"/>.</param>
/// <param name="Asked">What it asks for.</param>
/// <param name="Held">What its containers have.</param>
internal sealed record ResizeAsk(string Wanted, NodeRoom Asked, NodeRoom Held);
