using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Docker.DotNet.Models;
using Newtonsoft.Json;
using Orchestrator.Node.Agent;

namespace Orchestrator.Node.Docker;

/// <summary>Containers that were created while the sandbox of their pod started, and are not started yet: one of each pod at most.</summary>
internal sealed class PreparedContainers
{
    private readonly ConcurrentDictionary<string, (string Id, string Digest)> _held = new();

    /// <summary>Gives a container a label by which it is known again as made of the same parameters.</summary>
    public static CreateContainerParameters Labelled(CreateContainerParameters parameters)
    {
        parameters.Labels[DockerLabels.Digest] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonConvert.SerializeObject(parameters))));
        return parameters;
    }

    /// <summary>Holds a container that was created, with the parameters that <see cref="Labelled"/> made.</summary>
    /// <returns>How it looks: created, and not started.</returns>
    public RuntimeContainerStatus Hold(ContainerLaunch launch, CreateContainerParameters parameters, string id, string sandboxId)
    {
        _held[launch.PodUid] = (id, parameters.Labels[DockerLabels.Digest]);
        return new RuntimeContainerStatus(launch.Name, id, launch.Attempt, Agent.ContainerState.Created, launch.Image, "", null, null, 0, false, SandboxId: sandboxId,
            Created: ContainerParameters.CreatedWith(parameters.Labels.ToImmutableDictionary()));
    }

    /// <summary>Gives out the container of a pod.</summary>
    /// <param name="podUid">Uid of the pod.</param>
    /// <param name="wanted">What is to start, labelled; null for whatever there is.</param>
    /// <returns>Its id, and whether it is the one that is to start; null if none is held.</returns>
    public (string Id, bool IsWanted)? Take(string podUid, CreateContainerParameters? wanted) =>
        _held.TryRemove(podUid, out var held) ? (held.Id, held.Digest == wanted?.Labels[DockerLabels.Digest]) : null;
}
