using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary>Reads an object from its entity: what was acknowledged last.</summary>
internal static class ObjectReader
{
    /// <summary>The object, or null when it is known that there is none.</summary>
    /// <exception cref="ApiException">Nobody knows: the entity did not answer or cannot read its history. Never "not found".</exception>
    public static async Task<KubeObject?> FindAsync(this IObjectStore store, ObjectKey key, UserInfo user, CancellationToken cancellation)
    {
        var reply = await store.SendAsync(new GetObject(key, user), cancellation).ConfigureAwait(false);
        return reply.Error is { Reason: not ApiReason.NotFound } error ? throw new ApiException(error) : reply.Object;
    }
}
