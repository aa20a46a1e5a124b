using System.Net;
using Docker.DotNet;
using Docker.DotNet.Models;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Images;

namespace Orchestrator.Node.Docker;

/// <summary>The images of an engine.</summary>
internal sealed class DockerImages(DockerClient docker, Uri endpoint) : IImageStore
{
    private const string Snapshotter = "io.containerd.snapshotter.v1";

    private const string NoName = "<none>";

    public async Task<ImageDisk?> DiskAsync(CancellationToken cancellation)
    {
        var info = await EngineCalls.QueryAsync(docker.System.GetSystemInfoAsync, cancellation, engine: endpoint).ConfigureAwait(false);

        // The folder of an engine on another host says nothing here.
        return endpoint.Scheme == "unix" && Directory.Exists(info.DockerRootDir) && new DriveInfo(info.DockerRootDir) is var drive ? new ImageDisk(drive.TotalSize, drive.AvailableFreeSpace) : null;
    }

    public async Task<IReadOnlyList<StoredImage>> ListAsync(CancellationToken cancellation)
    {
        var containers = await EngineCalls.QueryAsync(token => docker.Containers.ListContainersAsync(new ContainersListParameters { All = true }, token), cancellation, engine: endpoint).ConfigureAwait(false);

        // A store of images of containerd gives what was built on the host a digest too: nobody can tell what a registry has.
        var info = await EngineCalls.QueryAsync(docker.System.GetSystemInfoAsync, cancellation, engine: endpoint).ConfigureAwait(false);
        var isTold = info.DriverStatus?.Any(s => s.Contains(Snapshotter)) != true;
        var used = containers.Select(c => c.ImageID).ToHashSet();
        var images = await EngineCalls.QueryAsync(token => docker.Images.ListImagesAsync(new ImagesListParameters(), token), cancellation, engine: endpoint).ConfigureAwait(false);
        return [.. images.Select(i => new StoredImage(i.ID, [.. Names(i.RepoTags), .. Names(i.RepoDigests)], i.Size, used.Contains(i.ID), isTold && Names(i.RepoDigests).Any()))];
    }

    // By its names, because one with several cannot be removed by its id without force, which would take it from containers.
    public async Task<bool> RemoveAsync(StoredImage image, CancellationToken cancellation)
    {
        foreach (var name in image.Names.DefaultIfEmpty(image.Id))
        {
            try
            {
                await EngineCalls.BoundAsync(token => docker.Images.DeleteImageAsync(name, new ImageDeleteParameters { Force = false }, token), cancellation, engine: endpoint).ConfigureAwait(false);
            }
            catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                // With the name before it, this one went too.
            }
            catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.Conflict)
            {
                return false;
            }
            catch (DockerApiException e)
            {
                throw new ImageUnavailableException("ImageGCFailed", EngineCalls.Message(e));
            }
        }

        return true;
    }

    private static IEnumerable<string> Names(IEnumerable<string>? names) => (names ?? []).Where(n => !n.Contains(NoName, StringComparison.Ordinal));
}
