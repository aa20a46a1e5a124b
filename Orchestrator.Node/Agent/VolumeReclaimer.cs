using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Akka.Event;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Logs;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Node.Agent;

/// <summary>Deletes the folders of volumes that are to go, and then takes the finalizer from them. The gateway tells of a volume again until it is gone, so a failure or
/// a crash at any line is made up for.</summary>
/// <param name="services">Services of the agent.</param>
/// <param name="log">The log of the agent.</param>
/// <param name="stopping">Cancelled when the agent stops.</param>
internal sealed class VolumeReclaimer(AgentServices services, ILoggingAdapter log, CancellationToken stopping)
{
    private const string Component = LocalVolumes.Provisioner;
    private readonly ConcurrentDictionary<string, string> _underWay = [];

    // What was said of each volume last: the same is not said again every ten seconds.
    private readonly ConcurrentDictionary<string, string> _said = [];

    /// <summary>Deletes the folder of a volume, unless that is under way.</summary>
    /// <param name="volume">The volume; it is being deleted, and no claim can get it any more.</param>
    /// <param name="isShown">Whether a pod of the node still has a volume, by its name.</param>
    public void Reclaim(KubeObject volume, Func<string, bool> isShown)
    {
        if (_underWay.TryAdd(volume.Uid, volume.Name))
        {
            _ = ReclaimAsync(volume, isShown);
        }
    }

    private async Task ReclaimAsync(KubeObject volume, Func<string, bool> isShown)
    {
        try
        {
            if (await Task.Run(() => Delete(volume, isShown), stopping).ConfigureAwait(false) is { } why)
            {
                await SayAsync(volume, why).ConfigureAwait(false);
                return;
            }

            var left = volume.Finalizers.Remove(LocalVolumes.Finalizer);
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = left.IsEmpty ? null : new JsonArray([.. left.Select(f => (JsonNode)f)]) } };
            await services.Store.SendAsync(new MergeObject(volume.Key, volume.Uid, patch, "finalized", By, volume.Revision, ExpectedRevision: volume.Revision), stopping).ConfigureAwait(false);
            _said.TryRemove(volume.Uid, out _);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Warn(e, "The folder of a volume could not be deleted; it is tried again", ("object", volume.Key));
            await SayAsync(volume, e.Message).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The agent that comes next does it.
        }
        finally
        {
            _underWay.TryRemove(volume.Uid, out _);
        }
    }

    private UserInfo By => $"system:node:{services.Node}";

    // Returns why it cannot be deleted; null if it is. The folder is found by the volume's name: whoever can write the object names no other folder to delete.
    private string? Delete(KubeObject volume, Func<string, bool> isShown)
    {
        if (services.LocalVolumes is not { } parent || LocalVolumes.NodeOf(volume.As<V1PersistentVolume>()) != services.Node)
        {
            return $"node {services.Node} does not keep it";
        }

        var folder = Path.Combine(parent, volume.Name);
        if (isShown(volume.Name))
        {
            return "a pod that is not gone from the node still uses it";
        }

        if (Directory.Exists(folder))
        {
            Mounts.Delete(folder);
        }

        services.Sizes?.Release(folder);
        return null;
    }

    private async Task SayAsync(KubeObject volume, string why)
    {
        if (_said.TryGetValue(volume.Uid, out var before) && before == why)
        {
            return;
        }

        _said[volume.Uid] = why;
        await services.Store.SendAsync(new MergeObject(volume.Key, volume.Uid, [], "progressed", By, volume.Revision,
            RecordedEvents: [new RecordedEvent("Warning", "VolumeFailedDelete", why, Component)]), stopping).ConfigureAwait(false);
    }
}
