using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Feed;

/// <summary>Read access to the cluster for controllers (client-go: a lister with indexes). It reads the cache, which may lag behind the latest
/// writes, so a plan made from it can be rejected as outdated.</summary>
public interface IClusterView : IAdmissionView
{
    /// <summary>The kinds that are served.</summary>
    ResourceRegistry Registry { get; }

    /// <summary>Gets the objects under an index key, as a copy in no particular order.</summary>
    IReadOnlyCollection<KubeObject> Indexed(IndexKey key);

    /// <summary>Gets an object by its uid; null if it was deleted, even if another one has its name now.</summary>
    KubeObject? ByUid(string uid);
}
