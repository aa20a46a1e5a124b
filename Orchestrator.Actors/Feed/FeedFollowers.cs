using System.Collections.Immutable;
using Akka.Actor;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Feed;

/// <summary>Those who keep a copy of the objects of an actor: they get the whole once, in parts, and then what changes. Whoever has missed a version gets the whole again.</summary>
/// <param name="source">Name that no other feed has, also none before.</param>
/// <param name="whole">Returns all objects as they are now.</param>
internal sealed class FeedFollowers(string source, Func<IEnumerable<KubeObject>> whole)
{
    /// <summary>Size of what one message carries; bytes of JSON.</summary>
    public const int MessageSize = 1 << 20;

    private readonly HashSet<IActorRef> _followers = [];
    private long _version;

    /// <summary>Whether nobody follows.</summary>
    public bool IsEmpty => _followers.Count == 0;

    /// <summary>Tells all of changes.</summary>
    public void Tell(ImmutableArray<KubeObject> changed, ImmutableArray<GoneObject> gone)
    {
        var news = new ObjectNews(source, _version, ++_version, changed, gone, true);
        foreach (var follower in _followers)
        {
            follower.Tell(news);
        }
    }

    /// <summary>Somebody follows, or asks whether he has everything.</summary>
    /// <param name="context">The actor, which watches him and passes on to <see cref="Remove"/> that he has ended.</param>
    /// <param name="of">Who gave his copy; empty if he has none.</param>
    /// <param name="version">Version of his copy.</param>
    public void Answer(IActorContext context, string of, long version)
    {
        var follower = context.Sender;
        if (_followers.Add(follower))
        {
            context.Watch(follower);
        }

        if ((of, version) == (source, _version))
        {
            return;
        }

        var part = new List<KubeObject>();
        var size = 0;
        foreach (var o in whole())
        {
            if (size > 0 && size + o.Json.Length > MessageSize)
            {
                follower.Tell(new ObjectNews(source, ObjectNews.Whole, _version, [.. part], [], false));
                part.Clear();
                size = 0;
            }

            part.Add(o);
            size += o.Json.Length;
        }

        follower.Tell(new ObjectNews(source, ObjectNews.Whole, _version, [.. part], [], true));
    }

    /// <summary>A follower has ended.</summary>
    public void Remove(IActorRef follower) => _followers.Remove(follower);
}
