using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary>Reads an object: what was acknowledged last.</summary>
internal static class ObjectReader
{
    /// <summary>The object for a client, or null when it is known that there is none. If several hosts write to the journal, this one may have been taken out of the cluster
    /// without knowing it, for instance after it stood still; the entity in its memory is then compared with the journal. Readers that wait at the same
    /// time share one query.</summary>
    /// <exception cref="ApiException">As of <see cref="FindAsync"/>.</exception>
    public static async Task<KubeObject?> FindCurrentAsync(ApiServices services, ResourceDefinition kind, ObjectKey key, UserInfo user, CancellationToken cancellation)
    {
        var asked = services.Store.FindAsync(key, user, cancellation);
        if (!services.Journal.IsShared)
        {
            return await asked.ConfigureAwait(false);
        }

        var snapshot = services.Cache.SnapshotAsync(kind, cancellation);
        await Task.WhenAll(asked, snapshot).ConfigureAwait(false);
        return Newer(await asked.ConfigureAwait(false), await snapshot.ConfigureAwait(false), key);
    }

    /// <summary>The newer of an entity's answer and the journal as of a moment after the question.</summary>
    /// <param name="asked">What the entity has; null if it says that there is nothing.</param>
    /// <param name="snapshot">The kind's objects.</param>
    /// <param name="key">The object.</param>
    public static KubeObject? Newer(KubeObject? asked, KindSnapshot snapshot, ObjectKey key)
    {
        var stored = snapshot.Find(key.Namespace, key.Name);
        return asked is null || asked.Revision <= snapshot.Revision ? stored : asked;
    }

    /// <summary>The object, or null when it is known that there is none.</summary>
    /// <exception cref="ApiException">Nobody knows: the entity did not answer or cannot read its history. Never "not found".</exception>
    public static async Task<KubeObject?> FindAsync(this IObjectStore store, ObjectKey key, UserInfo user, CancellationToken cancellation)
    {
        var reply = await store.SendAsync(new GetObject(key, user), cancellation).ConfigureAwait(false);
        return reply.Error is { Reason: not ApiReason.NotFound } error ? throw new ApiException(error) : reply.Object;
    }
}
