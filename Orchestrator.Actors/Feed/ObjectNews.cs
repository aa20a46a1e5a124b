using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.Feed;

/// <summary>Changes of objects that agents keep a copy of, sent to all who follow them.</summary>
/// <param name="Source">Who counts the versions.</param>
/// <param name="From">The version to which the changes apply; -1 for a part of a whole copy.</param>
/// <param name="Version">The version that they lead to.</param>
/// <param name="Changed">Objects in their newest state.</param>
/// <param name="Gone">Objects that are gone, with the revision of their deletion.</param>
/// <param name="Part">Number of the part of a whole copy, from 1.</param>
/// <param name="Parts">How many parts it has.</param>
public sealed record ObjectNews(string Source, long From, long Version, ImmutableArray<KubeObject> Changed, ImmutableArray<GoneObject> Gone, int Part = 1, int Parts = 1) : IWireMessage, IFeedNews
{
    /// <summary>Value of <see cref="From"/> for a part of a whole copy.</summary>
    public const long Whole = FeedNews.Whole;

    /// <inheritdoc/>
    [JsonIgnore]
    public long Size => Changed.Sum(o => (long)o.Json.Length);

    /// <summary>Objects as a whole copy.</summary>
    internal static IReadOnlyList<ObjectNews> Of(string source, long version, IEnumerable<KubeObject> objects)
    {
        var parts = FeedNews.Divide(objects, o => o.Json.Length);
        return [.. parts.Select((p, i) => new ObjectNews(source, Whole, version, [.. p], [], i + 1, parts.Count))];
    }
}

/// <summary>An object that is gone, or that those who follow need no longer.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Revision">Revision of its deletion; one of the same name that is newer is another object.</param>
public sealed record GoneObject(ObjectKey Key, long Revision);
