using System.Collections.Immutable;
using System.Net;
using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Node.Tokens;

namespace Orchestrator.Node.ApiServer;

/// <summary>Everything a handler needs from its host.</summary>
/// <param name="Store">Takes commands to the entities.</param>
/// <param name="Cache">The read side.</param>
/// <param name="Journal">What the history is read from.</param>
/// <param name="Time">The clock.</param>
/// <param name="Ids">Makes uids and the ends of generated names.</param>
/// <param name="NotReadyReason">What the host waits for; null when it is ready.</param>
/// <param name="Trouble">What is wrong although requests are answered; null when nothing is.</param>
/// <param name="Gateway">Reaches the agents of the nodes.</param>
internal sealed record ApiServices(
    IObjectStore Store, IObjectCache Cache, JournalTable Journal, TimeProvider Time, IIdSource Ids, Func<string?> NotReadyReason, Func<string?> Trouble, Func<Akka.Actor.IActorRef> Gateway)
{
    /// <summary>Issues tokens of ServiceAccounts, and reads them.</summary>
    public required AccountTokens Tokens { get; init; }

    /// <summary>The address by which clients reach this server.</summary>
    public IPEndPoint Address { get; init; } = new(IPAddress.Loopback, 6443);

    /// <summary>The data directory of the host.</summary>
    public string DataDir { get; init; } = "";

    /// <summary>Says of dry runs whether there would be room; null if nothing is bounded.</summary>
    public IRoomKeeper? Rooms { get; init; }

    /// <summary>Says what objects of dry runs would be given; null if nothing is.</summary>
    public IAllocator? Allocator { get; init; }

    /// <summary>What nodes and pods use.</summary>
    public IResourceMetrics Metrics { get; init; } = IResourceMetrics.None;

    /// <summary>The values of other metrics, which clients push.</summary>
    public PushedMetricStore PushedMetrics { get; init; } = new();

    /// <summary>Takes pushed values to all control hosts.</summary>
    public Func<Akka.Actor.IActorRef> MetricReceivers { get; init; } = () => Akka.Actor.ActorRefs.Nobody;

    /// <summary>When the certificates of this host end, by their names.</summary>
    public Func<IReadOnlyDictionary<string, DateTimeOffset>> Certificates { get; init; } = () => ImmutableDictionary<string, DateTimeOffset>.Empty;
}
