using Akka.Actor;
using Akka.Cluster.Sharding;

namespace Orchestrator.Actors.Entities;

/// <summary>The shard region of all objects: its name, and how commands are routed to entities.</summary>
public static class ObjectRegion
{
    /// <summary>The region's type name.</summary>
    public const string TypeName = "objects";

    /// <summary>Number of shards. More would only add messages at the supported cluster sizes.</summary>
    public const int Shards = 100;

    /// <summary>Routes by persistence id.</summary>
    public static HashCodeMessageExtractor Extractor => new ByKey();

    private sealed class ByKey() : HashCodeMessageExtractor(Shards)
    {
        public override string? EntityId(object message) => (message as ObjectCommand)?.Key.PersistenceId;
    }
}

/// <summary>Sends commands to the shard region and waits for each reply for at most <see cref="ObjectCommand.ReplyBound"/>.</summary>
/// <param name="region">The region; resolved late because it starts after the services that need it.</param>
public sealed class RegionObjectStore(Func<IActorRef> region) : IObjectStore
{
    /// <inheritdoc/>
    public async Task<CommandReply> SendAsync(ObjectCommand command, CancellationToken cancellation)
    {
        try
        {
            return await region().Ask<CommandReply>(command, ObjectCommand.ReplyBound, cancellation).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            return command.Unanswered(ObjectCommand.ReplyBound);
        }
    }
}
