using System.Collections.Immutable;
using System.Net;
using System.Text.RegularExpressions;
using Docker.DotNet;
using Docker.DotNet.Models;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Images;

namespace Orchestrator.Node.Docker;

/// <summary>Pulls images according to imagePullPolicy (Kubernetes, "Images").</summary>
internal static partial class ImagePuller
{
    /// <summary>See <see cref="IContainerRuntime.EnsureImageAsync"/>.</summary>
    public static async Task<bool> EnsureAsync(DockerClient docker, string image, string policy, ImmutableArray<RegistryLogin> logins, TimeSpan bound, CancellationToken cancellation)
    {
        if (!Reference().IsMatch(image))
        {
            throw new ImageUnavailableException("InvalidImageName", $"Failed to apply default image tag \"{image}\": couldn't parse image name: invalid reference format");
        }

        var present = await PresentAsync(docker, image, cancellation).ConfigureAwait(false);
        if (present is not null)
        {
            // An image without a digest was built or loaded on this host, so no registry can have a newer one.
            if (policy != "Always" || present.RepoDigests is not { Count: > 0 })
            {
                return false;
            }
        }
        else if (policy == "Never")
        {
            throw new ImageUnavailableException("ErrImageNeverPull", $"Container image \"{image}\" is not present with pull policy of Never");
        }

        if (await PullAsync(docker, image, logins, bound, cancellation).ConfigureAwait(false) is { } error)
        {
            throw new ImageUnavailableException("ErrImagePull", $"failed to pull image \"{image}\": {error}");
        }

        return true;
    }

    // Each login in turn, like the kubelet; without one, as anybody.
    private static async Task<string?> PullAsync(DockerClient docker, string image, ImmutableArray<RegistryLogin> logins, TimeSpan bound, CancellationToken cancellation)
    {
        string? error = null;
        foreach (var login in logins.IsEmpty ? [null] : logins.Select(l => (RegistryLogin?)l))
        {
            error = await PullAsync(docker, image, login, bound, cancellation).ConfigureAwait(false);
            if (error is null)
            {
                break;
            }
        }

        return error;
    }

    private static async Task<ImageInspectResponse?> PresentAsync(DockerClient docker, string image, CancellationToken cancellation)
    {
        try
        {
            return await EngineCalls.QueryAsync(token => docker.Images.InspectImageAsync(image, token), cancellation).ConfigureAwait(false);
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (DockerApiException e)
        {
            throw new ImageUnavailableException("InvalidImageName", EngineCalls.Message(e));
        }
    }

    private static async Task<string?> PullAsync(DockerClient docker, string image, RegistryLogin? login, TimeSpan bound, CancellationToken cancellation)
    {
        string? error = null;
        var slash = image.LastIndexOf('/');
        var colon = image.LastIndexOf(':');
        var isTagged = colon > slash || image.Contains('@', StringComparison.Ordinal);
        try
        {
            await EngineCalls.BoundAsync(token => docker.Images.CreateImageAsync(
                new ImagesCreateParameters { FromImage = image, Tag = isTagged ? null : "latest" },
                login is null ? null : new AuthConfig { ServerAddress = login.Server, Username = login.User, Password = login.Password },
                new Report(message => error ??= message.ErrorMessage is { Length: > 0 } text ? text : message.Error?.Message), token), cancellation, bound).ConfigureAwait(false);
        }
        catch (DockerApiException e)
        {
            error = EngineCalls.Message(e);
        }
        catch (RuntimeUnavailableException e) when (e.InnerException is null)
        {
            // The registry has timed out, not the engine.
            error = $"not done in {bound.TotalMinutes:0} minutes";
        }

        return error;
    }

    [GeneratedRegex("^[a-zA-Z0-9][a-zA-Z0-9._-]*(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@[a-z0-9]+:[0-9a-fA-F]{32,})?\\z")]
    private static partial Regex Reference();

    private sealed class Report(Action<JSONMessage> act) : IProgress<JSONMessage>
    {
        void IProgress<JSONMessage>.Report(JSONMessage value) => act(value);
    }
}
