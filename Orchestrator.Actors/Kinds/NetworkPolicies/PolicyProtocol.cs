using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.Kinds.NetworkPolicies;

/// <summary>Sent by a node agent that enforces NetworkPolicies: when it starts, at intervals, and when it has missed something. Without an answer its copy is up to date.</summary>
/// <param name="At">How far the copy is.</param>
/// <param name="Question">Number of a question that is answered by <see cref="PoliciesConfirmed"/> when everything up to now has been told; 0 for none.</param>
public sealed record FollowPolicies(FeedPosition At, long Question = 0) : IWireMessage;

/// <summary>Everything that there is has been told to whoever asked.</summary>
/// <param name="Question">Number of the question.</param>
public sealed record PoliciesConfirmed(long Question) : IWireMessage;

/// <summary>Changes of NetworkPolicies and of the pods that they name, sent to all who follow them.</summary>
/// <param name="Source">Who counts the versions.</param>
/// <param name="From">The version to which the changes apply; -1 for a part of a whole copy.</param>
/// <param name="Version">The version that they lead to.</param>
/// <param name="Changed">Policies in their newest state.</param>
/// <param name="Gone">Policies that are gone.</param>
/// <param name="Groups">Who came to groups of pods and who left them.</param>
/// <param name="Part">Number of the part of a whole copy, from 1.</param>
/// <param name="Parts">How many parts it has.</param>
public sealed record PolicyNews(string Source, long From, long Version, ImmutableArray<KubeObject> Changed, ImmutableArray<ObjectKey> Gone, ImmutableArray<GroupNews> Groups, int Part = 1, int Parts = 1)
    : IWireMessage, IFeedNews
{
    /// <summary>Value of <see cref="From"/> for a part of a whole copy.</summary>
    public const long Whole = FeedNews.Whole;

    /// <inheritdoc/>
    [JsonIgnore]
    public long Size => Changed.Sum(o => (long)o.Json.Length) + Groups.Sum(g => g.Added.Concat(g.Removed).Sum(m => m.Length + 3L));
}

/// <summary>Changes of a group of pods that policies name.</summary>
/// <param name="Id">The group.</param>
/// <param name="IsWhole">Whether nobody else is in it.</param>
/// <param name="Added">Addresses, or <c>ADDRESS . PORT</c> of a group of ports, that came to it. <c>dns</c> for an address is that of the node's server of names.</param>
/// <param name="Removed">Those that left it.</param>
public sealed record GroupNews(string Id, bool IsWhole, ImmutableArray<string> Added, ImmutableArray<string> Removed);
