using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Entities;

/// <summary>The way to the entities for code outside actors: the API server sends its commands here.</summary>
public interface IObjectStore
{
    /// <summary>Sends a command to its entity and awaits the answer; a bound that passes answers <see cref="ApiReason.Timeout"/>.</summary>
    Task<CommandReply> SendAsync(ObjectCommand command, CancellationToken cancellation);
}
