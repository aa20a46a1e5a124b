using Akka.Actor;

namespace Orchestrator.Actors.Feed;

/// <summary>Those who keep a copy of what an actor has: they get the whole once and then what changes. Whoever has missed changes gets them again as long as they are kept, and otherwise the whole. The whole is asked
/// for part by part, so that nobody is sent more than he takes.</summary>
/// <param name="source">Name that no other feed has, also none before.</param>
/// <param name="whole">Returns everything as it is now, with this version, in numbered parts.</param>
internal sealed class FeedFollowers<T>(string source, Func<long, IReadOnlyList<T>> whole) where T : IFeedNews
{
    private const int MostKept = 256;
    private const int MostWholes = 4;
    private readonly HashSet<IActorRef> _followers = [];
    private readonly Queue<T> _news = new();
    private readonly Queue<(long Version, IReadOnlyList<T> Parts)> _wholes = new();
    private long _version;

    /// <summary>Whether nobody follows.</summary>
    public bool IsEmpty => _followers.Count == 0;

    /// <summary>Tells all of changes.</summary>
    /// <param name="news">Makes the news that lead from one version to the next.</param>
    public void Tell(Func<long, long, T> news)
    {
        var told = news(_version, ++_version);
        if (told.Size > FeedNews.MessageSize)
        {
            // More than a message may carry: everybody takes the whole, part by part.
            _news.Clear();
            told = Whole()[0];
        }
        else
        {
            _news.Enqueue(told);
            if (_news.Count > MostKept)
            {
                _news.Dequeue();
            }
        }

        foreach (var follower in _followers)
        {
            follower.Tell(told);
        }
    }

    /// <summary>Somebody follows, or asks whether he has everything.</summary>
    /// <param name="context">The actor, which watches him and passes on to <see cref="Remove"/> that he has ended.</param>
    /// <param name="at">How far his copy is.</param>
    public void Answer(IActorContext context, FeedPosition at)
    {
        var follower = context.Sender;
        if (_followers.Add(follower))
        {
            context.Watch(follower);
        }

        if (at.Source == source && at.Part > 1)
        {
            if (_wholes.FirstOrDefault(w => w.Version == at.Version).Parts is { } begun && at.Part <= begun.Count)
            {
                follower.Tell(begun[at.Part - 1]);
                return;
            }
        }
        else if (at.Source == source && (at.Version == _version || (_news.TryPeek(out var oldest) && oldest.From <= at.Version && at.Version < _version)))
        {
            foreach (var missed in _news.Where(n => n.From >= at.Version))
            {
                follower.Tell(missed);
            }

            return;
        }

        follower.Tell(Whole()[0]);
    }

    /// <summary>A follower has ended.</summary>
    public void Remove(IActorRef follower) => _followers.Remove(follower);

    // The last ones are kept for those who are in the middle of them, and for others who begin at the same time.
    private IReadOnlyList<T> Whole()
    {
        if (_wholes.FirstOrDefault(w => w.Version == _version).Parts is { } known)
        {
            return known;
        }

        var parts = whole(_version);
        _wholes.Enqueue((_version, parts));
        if (_wholes.Count > MostWholes)
        {
            _wholes.Dequeue();
        }

        return parts;
    }
}
