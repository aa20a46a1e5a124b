namespace Orchestrator.Actors.Feed;

/// <summary>News of a feed: what leads from one version to the next, or a part of the whole.</summary>
public interface IFeedNews
{
    /// <summary>Who counts the versions.</summary>
    string Source { get; }

    /// <summary>The version to which the changes apply; <see cref="FeedNews.Whole"/> for a part of the whole.</summary>
    long From { get; }

    /// <summary>The version that they lead to.</summary>
    long Version { get; }

    /// <summary>Number of the part, from 1.</summary>
    int Part { get; }

    /// <summary>How many parts the whole has; 1 for changes.</summary>
    int Parts { get; }

    /// <summary>About how large it is; bytes.</summary>
    long Size { get; }
}

/// <summary>How far a copy is.</summary>
/// <param name="Source">Who gave it; empty if there is none.</param>
/// <param name="Version">Its version, or that of the whole of which parts are there.</param>
/// <param name="Part">The part of the whole that is needed next; 0 if none is under way.</param>
public sealed record FeedPosition(string Source, long Version, int Part = 0)
{
    /// <summary>Of who has nothing.</summary>
    public static readonly FeedPosition None = new("", 0);
}

/// <summary>What all feeds have in common.</summary>
internal static class FeedNews
{
    /// <summary>Value of <see cref="IFeedNews.From"/> for a part of the whole.</summary>
    public const long Whole = -1;

    /// <summary>Size of what one message carries; bytes of JSON.</summary>
    public const int MessageSize = 1 << 20;

    /// <summary>Divides items into parts of a bounded size; one empty part if there is none.</summary>
    public static List<List<T>> Divide<T>(IEnumerable<T> items, Func<T, int> sizeOf)
    {
        List<List<T>> parts = [[]];
        var size = 0;
        foreach (var item in items)
        {
            var own = sizeOf(item);
            if (size > 0 && size + own > MessageSize)
            {
                parts.Add([]);
                size = 0;
            }

            parts[^1].Add(item);
            size += own;
        }

        return parts;
    }
}
