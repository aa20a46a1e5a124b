using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Entities;

/// <summary>Sends commands to entities for code outside actors, such as the API server and the steps of a pod.</summary>
public interface IObjectStore
{
    /// <summary>Sends a command and awaits the reply. If none comes in time, the result is the error <see cref="ApiReason.Timeout"/>; the command may
    /// have been carried out nevertheless.</summary>
    Task<CommandReply> SendAsync(ObjectCommand command, CancellationToken cancellation);
}
