using Orchestrator.Actors.Api;

namespace Orchestrator.Node.Agent.Eviction;

/// <summary>Where the files of a container are on this host.</summary>
/// <param name="PodUid">Uid of the pod.</param>
/// <param name="Container">Name of the container.</param>
/// <param name="Layer">Folder with what it has written to its own file system; null if it is not to be found here.</param>
/// <param name="Log">Its log; null if it has none here.</param>
/// <param name="LayerBytes">What it has written, as the runtime says it, if there is no folder.</param>
internal sealed record ContainerFiles(string PodUid, string Container, string? Layer, string? Log, long LayerBytes = 0);

/// <summary>An ability of a runtime on this host: it says where its files are.</summary>
internal interface IContainerDisk
{
    /// <summary>The folder with images and what containers write; null if it is not on this host.</summary>
    Task<string?> FolderAsync(CancellationToken cancellation);

    /// <summary>The files of all containers of some pods, running or not.</summary>
    Task<IReadOnlyList<ContainerFiles>> FilesAsync(IReadOnlyCollection<KubeObject> pods, CancellationToken cancellation);
}
