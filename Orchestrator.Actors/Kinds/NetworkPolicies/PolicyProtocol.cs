using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.Kinds.NetworkPolicies;

/// <summary>Sent by a node agent that enforces NetworkPolicies: when it starts, at intervals, and when it has missed something. Without an answer its copy is up to date.</summary>
/// <param name="Source">Who gave the copy; empty if there is none.</param>
/// <param name="Version">Version of the copy.</param>
public sealed record FollowPolicies(string Source, long Version) : IWireMessage;

/// <summary>Changes of NetworkPolicies and of the pods that they name, sent to all who follow them.</summary>
/// <param name="Source">Who counts the versions.</param>
/// <param name="From">The version to which the changes apply; -1 for a part of a whole copy.</param>
/// <param name="Version">The version that they lead to.</param>
/// <param name="Changed">Policies in their newest state.</param>
/// <param name="Gone">Policies that are gone.</param>
/// <param name="Groups">Who came to groups of pods and who left them.</param>
/// <param name="IsLast">Whether nothing follows of a whole copy.</param>
public sealed record PolicyNews(string Source, long From, long Version, ImmutableArray<KubeObject> Changed, ImmutableArray<ObjectKey> Gone, ImmutableArray<GroupNews> Groups, bool IsLast) : IWireMessage
{
    /// <summary>Value of <see cref="From"/> for a part of a whole copy.</summary>
    public const long Whole = -1;
}

/// <summary>Changes of a group of pods that policies name.</summary>
/// <param name="Id">The group.</param>
/// <param name="IsWhole">Whether nobody else is in it.</param>
/// <param name="Added">Addresses, or <c>ADDRESS . PORT</c> of a group of ports, that came to it. <c>dns</c> for an address is that of the node's server of names.</param>
/// <param name="Removed">Those that left it.</param>
public sealed record GroupNews(string Id, bool IsWhole, ImmutableArray<string> Added, ImmutableArray<string> Removed);
