using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Resources;

/// <summary>The objects that admission may look up, such as the class that a pod names. They may lag behind the latest writes.</summary>
public interface IAdmissionView
{
    /// <summary>Gets all objects of a kind, ordered by namespace and name.</summary>
    IEnumerable<KubeObject> All(ResourceDefinition kind);

    /// <summary>Gets the objects of a kind in a namespace, ordered by name, without a look at others.</summary>
    IEnumerable<KubeObject> All(ResourceDefinition kind, string ns);

    /// <summary>Gets an object by its key; null if there is none.</summary>
    KubeObject? Find(ObjectKey key);
}

/// <summary>A cluster without objects.</summary>
public sealed class NoObjects : IAdmissionView
{
    /// <summary>The one instance.</summary>
    public static readonly NoObjects Instance = new();

    /// <inheritdoc/>
    public IEnumerable<KubeObject> All(ResourceDefinition kind) => [];

    /// <inheritdoc/>
    public IEnumerable<KubeObject> All(ResourceDefinition kind, string ns) => [];

    /// <inheritdoc/>
    public KubeObject? Find(ObjectKey key) => null;
}
