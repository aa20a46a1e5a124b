using System.Collections.Concurrent;
using Docker.DotNet;
using Docker.DotNet.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Node.Agent.Eviction;

namespace Orchestrator.Node.Docker;

/// <summary>Where an engine on this host keeps its files. A container is inspected once.</summary>
internal sealed class DockerDisk(DockerClient docker, Uri endpoint, ContainerReader containers) : IContainerDisk
{
    private readonly ConcurrentDictionary<string, (string? Layer, string? Log)> _known = new();

    public async Task<string?> FolderAsync(CancellationToken cancellation)
    {
        var info = await EngineCalls.QueryAsync(docker.System.GetSystemInfoAsync, cancellation, engine: endpoint).ConfigureAwait(false);
        return endpoint.Scheme == "unix" && Directory.Exists(info.DockerRootDir) ? info.DockerRootDir : null;
    }

    public async Task<IReadOnlyList<ContainerFiles>> FilesAsync(IReadOnlyCollection<KubeObject> pods, CancellationToken cancellation)
    {
        var uids = pods.Select(p => p.Uid).ToHashSet();
        var present = await containers.PresentAsync(null, cancellation).ConfigureAwait(false);
        foreach (var gone in _known.Keys.Except(present.Select(c => c.ID)))
        {
            _known.TryRemove(gone, out _);
        }

        var files = new List<ContainerFiles>();
        foreach (var container in present.Where(c => !ContainerReader.IsSandbox(c) && uids.Contains(c.Labels[DockerLabels.PodUid])))
        {
            var (layer, log) = await FindAsync(container.ID, cancellation).ConfigureAwait(false);
            files.Add(new ContainerFiles(container.Labels[DockerLabels.PodUid], container.Labels[DockerLabels.Container], layer, log,
                layer is null ? await AskAsync(container.ID, cancellation).ConfigureAwait(false) : 0));
        }

        return files;
    }

    private async Task<(string? Layer, string? Log)> FindAsync(string id, CancellationToken cancellation)
    {
        if (_known.TryGetValue(id, out var known))
        {
            return known;
        }

        try
        {
            var facts = await EngineCalls.QueryAsync(token => docker.Containers.InspectContainerAsync(id, token), cancellation).ConfigureAwait(false);
            var layer = facts.GraphDriver?.Data is { } data && data.TryGetValue("UpperDir", out var upper) && Directory.Exists(upper) ? upper : null;
            return _known[id] = (layer, File.Exists(facts.LogPath) ? facts.LogPath : null);
        }
        catch (DockerApiException)
        {
            return (null, null); // It is gone.
        }
    }

    // A store that shows no folder, or one that only root may read: the engine counts.
    private async Task<long> AskAsync(string id, CancellationToken cancellation)
    {
        var parameters = new ContainersListParameters { All = true, Size = true, Filters = new Dictionary<string, IDictionary<string, bool>> { ["id"] = new Dictionary<string, bool> { [id] = true } } };
        return (await EngineCalls.QueryAsync(token => docker.Containers.ListContainersAsync(parameters, token), cancellation).ConfigureAwait(false)).FirstOrDefault()?.SizeRw ?? 0;
    }
}
