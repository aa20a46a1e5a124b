using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Sent by a node agent that keeps a copy of all services: when it starts, at intervals, and when it has missed something. Without an answer the copy is up to date.</summary>
/// <param name="Source">Who gave the copy; empty if there is none.</param>
/// <param name="Version">Version of the copy.</param>
public sealed record FollowServices(string Source, long Version) : IWireMessage;

/// <summary>Changes of Services, EndpointSlices and Nodes, sent to all who follow them.</summary>
/// <param name="Source">Who counts the versions.</param>
/// <param name="From">The version to which the changes apply; -1 for a part of a whole copy.</param>
/// <param name="Version">The version that they lead to.</param>
/// <param name="Changed">Objects in their newest state.</param>
/// <param name="Gone">Objects that are gone, with the revision of their deletion.</param>
/// <param name="IsLast">Whether nothing follows of a whole copy.</param>
public sealed record ServiceNews(string Source, long From, long Version, ImmutableArray<KubeObject> Changed, ImmutableArray<GoneObject> Gone, bool IsLast) : IWireMessage
{
    /// <summary>Value of <see cref="From"/> for a part of a whole copy.</summary>
    public const long Whole = -1;
}

/// <summary>An object that is gone.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Revision">Revision of its deletion; one of the same name that is newer is another object.</param>
public sealed record GoneObject(ObjectKey Key, long Revision);
