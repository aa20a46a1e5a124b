using Akka.Actor;
using Akka.Cluster.Sharding;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Entities;

/// <summary>Names the shard region of all objects and tells it where a command belongs.</summary>
public static class ObjectRegion
{
    /// <summary>The region's type name.</summary>
    public const string TypeName = "objects";

    /// <summary>Shards over all hosts; more would only cost messages at the scale we serve.</summary>
    public const int Shards = 100;

    /// <summary>Routes by persistence id.</summary>
    public static HashCodeMessageExtractor Extractor => new ByKey();

    private sealed class ByKey() : HashCodeMessageExtractor(Shards)
    {
        public override string? EntityId(object message) => (message as ObjectCommand)?.Key.PersistenceId;
    }
}

/// <summary>Commands from outside actors: asked of the region with a bound.</summary>
/// <param name="region">The region; resolved late because it starts after the services that need it.</param>
public sealed class RegionObjectStore(Func<IActorRef> region) : IObjectStore
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public async Task<CommandReply> SendAsync(ObjectCommand command, CancellationToken cancellation)
    {
        try
        {
            return await region().Ask<CommandReply>(command, Bound, cancellation).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            return new CommandReply(null, new ApiError(ApiReason.Timeout,
                $"{command.Key} did not answer in {Bound.TotalSeconds:0} s. Read it again to see whether the change happened."));
        }
    }
}
