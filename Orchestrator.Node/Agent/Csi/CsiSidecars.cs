using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Akka.Event;
using Google.Protobuf.Collections;
using Grpc.Core;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.CSINodes;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Kinds.StorageClasses;
using Orchestrator.Actors.Logs;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Agent.Csi.Wire;
using Ability = Orchestrator.Node.Agent.Csi.Wire.ControllerServiceCapability.Types.RPC.Types.Type;

namespace Orchestrator.Node.Agent.Csi;

/// <summary>Calls the controller service of drivers of the node: makes, deletes, attaches, detaches and expands volumes, as the sidecars <c>external-provisioner</c>, <c>external-attacher</c> and
/// <c>external-resizer</c> do for drivers that bring them. The gateway tells of an object again until all is done, so a failure or a crash at any line is made up for.</summary>
/// <param name="services">Services of the agent.</param>
/// <param name="csi">What the node has of CSI.</param>
/// <param name="log">The log of the agent.</param>
/// <param name="stopping">Cancelled when the agent stops.</param>
internal sealed class CsiSidecars(AgentServices services, CsiNode csi, ILoggingAdapter log, CancellationToken stopping)
{
    private readonly ConcurrentDictionary<string, bool> _underWay = [];

    private readonly CsiCapacities _capacities = new(services);

    // What was said of each object last: the same is not said again every ten seconds.
    private readonly ConcurrentDictionary<string, string> _said = [];

    private UserInfo By => $"system:node:{services.Node}";

    /// <summary>Does what is to be done for an object, unless that is under way.</summary>
    public void Take(KubeObject item)
    {
        if (_underWay.TryAdd(item.Uid, true))
        {
            _ = TakeAsync(item);
        }
    }

    private async Task TakeAsync(KubeObject told)
    {
        try
        {
            // As it is now: what was told may have been done since.
            if (await FindAsync(told.Key).ConfigureAwait(false) is { } item && item.Uid == told.Uid)
            {
                await (item.Kind == PersistentVolumeClaimDefinition.Instance ? ClaimAsync(item)
                    : item.Kind == PersistentVolumeDefinition.Instance ? DeleteAsync(item)
                    : item.Kind == StorageClassDefinition.Instance ? CapacityAsync(item.As<V1StorageClass>())
                    : AttachmentAsync(item)).ConfigureAwait(false);
            }

            _said.TryRemove(told.Uid, out _);
        }
        catch (Exception e) when (e is CsiException or CsiRefusal)
        {
            var reason = (e as CsiRefusal)?.Reason ?? (told.Kind == PersistentVolumeClaimDefinition.Instance ? "ProvisioningFailed" : told.Kind == PersistentVolumeDefinition.Instance ? "VolumeFailedDelete" : told.Kind == StorageClassDefinition.Instance ? "CapacityUnknown" : "FailedAttachVolume");
            await SayAsync(told, reason, e.Message).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The agent that comes next does it.
        }
        catch (Exception e)
        {
            log.Fail(e, "A CSI driver could not be asked", ("object", told.Key));
        }
        finally
        {
            _underWay.TryRemove(told.Uid, out _);
        }
    }

    private Task CapacityAsync(V1StorageClass of) => Driver(of.Provisioner, Ability.GetCapacity) is { } driver ? _capacities.ReportAsync(of, driver, FindAsync, stopping) : Task.CompletedTask;

    private Task ClaimAsync(KubeObject item)
    {
        var claim = item.As<V1PersistentVolumeClaim>();
        return item.IsDeleting ? Task.CompletedTask : string.IsNullOrEmpty(claim.Spec.VolumeName) ? ProvisionAsync(item, claim) : ExpandAsync(item, claim);
    }

    private async Task ProvisionAsync(KubeObject item, V1PersistentVolumeClaim claim)
    {
        var of = (await FindAsync(StorageClassDefinition.Instance.Key(null, VolumeMatch.ClassOf(claim))).ConfigureAwait(false))?.As<V1StorageClass>();
        if (of is null || Driver(of.Provisioner, Ability.CreateDeleteVolume) is not { } driver)
        {
            return;
        }

        if (CsiProvisioning.Refusal(claim) is { } why)
        {
            throw new CsiRefusal("ProvisioningFailed", $"{driver.Name}: {why}");
        }

        var selected = claim.Metadata.Annotations is { } all && all.TryGetValue(VolumeAnnotations.SelectedNode, out var node) ? node : null;
        var request = CsiProvisioning.Request(claim, of, driver, selected is null || selected == services.Node ? driver.Topology : await TopologyAsync(selected, driver.Name).ConfigureAwait(false));
        await FillAsync(request.Secrets, CsiProvisioning.Secret(claim, of, "provisioner")).ConfigureAwait(false);
        CreateVolumeResponse made;
        try
        {
            made = await CallAsync(c => driver.Controllers.CreateVolumeAsync(request, cancellationToken: c)).ConfigureAwait(false);
        }
        catch (CsiException e) when (e.Code == StatusCode.ResourceExhausted && selected is not null && of.VolumeBindingMode == "WaitForFirstConsumer")
        {
            // There is no room where the node is: the scheduler chooses another.
            await SendAsync(new MergeObject(item.Key, item.Uid, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [VolumeAnnotations.SelectedNode] = null } } }, "deselected", By, ExpectedRevision: item.Revision)).ConfigureAwait(false);
            throw;
        }

        if (made.Volume is not { VolumeId.Length: > 0 } volume)
        {
            throw new CsiRefusal("ProvisioningFailed", $"driver {driver.Name} has made a volume without an id");
        }

        _capacities.Forget();
        var persistent = CsiProvisioning.Volume(claim, of, driver.Name, volume, services.Node);
        var reply = await services.Store.SendAsync(new CreateObject(PersistentVolumeDefinition.Instance.Key(null, persistent.Metadata.Name), (JsonObject)Models.ToNode(persistent), By, item.Revision), stopping).ConfigureAwait(false);
        if (reply.Error is { Reason: not ApiReason.AlreadyExists } error)
        {
            throw new CsiRefusal("ProvisioningFailed", $"the volume is made, and its PersistentVolume could not be written: {error.Message}");
        }

        if (reply.Error is null)
        {
            Record(item, new RecordedEvent("Normal", "ProvisioningSucceeded", $"Successfully provisioned volume {persistent.Metadata.Name}", driver.Name));
        }
    }

    private async Task ExpandAsync(KubeObject item, V1PersistentVolumeClaim claim)
    {
        if ((await FindAsync(PersistentVolumeDefinition.Instance.Key(null, claim.Spec.VolumeName)).ConfigureAwait(false)) is not { } found
            || found.As<V1PersistentVolume>() is not { Spec.Csi: { } source } volume || VolumeMatch.Capacity(volume) >= VolumeMatch.Request(claim) || csi.Drivers.Find(source.Driver) is not { } driver)
        {
            return;
        }

        var wanted = (long)decimal.Ceiling(VolumeMatch.Request(claim));
        var (size, isNodeNext) = (wanted, true);
        if (driver.Controller?.Contains(Ability.ExpandVolume) == true)
        {
            var request = new ControllerExpandVolumeRequest
            {
                VolumeId = source.VolumeHandle,
                CapacityRange = new() { RequiredBytes = wanted },
                VolumeCapability = CsiProvisioning.Shown(source.FsType, volume.Spec.MountOptions, volume.Spec.AccessModes?.FirstOrDefault(), driver),
            };
            await FillAsync(request.Secrets, source.ControllerExpandSecretRef).ConfigureAwait(false);
            try
            {
                var grown = await CallAsync(c => driver.Controllers.ControllerExpandVolumeAsync(request, cancellationToken: c)).ConfigureAwait(false);
                (size, isNodeNext) = (Math.Max(grown.CapacityBytes, wanted), grown.NodeExpansionRequired);
            }
            catch (CsiException e)
            {
                throw new CsiRefusal("VolumeResizeFailed", $"resize volume \"{volume.Metadata.Name}\" by driver {driver.Name} failed: {e.Message}");
            }
        }
        else if (!driver.Node.Contains(NodeServiceCapability.Types.RPC.Types.Type.ExpandVolume))
        {
            throw new CsiRefusal("VolumeResizeFailed", $"driver {driver.Name} does not expand volumes");
        }

        // The volume first: whoever looks at the claim then finds what the node is to do.
        var amount = size == VolumeMatch.Request(claim) ? claim.Spec.Resources.Requests["storage"].ToString() : size.ToString(CultureInfo.InvariantCulture);
        await SendAsync(new MergeObject(found.Key, found.Uid, new JsonObject { ["spec"] = new JsonObject { ["capacity"] = new JsonObject { ["storage"] = amount } } }, "expanded", By, item.Revision)).ConfigureAwait(false);
        var conditions = (claim.Status.Conditions ?? []).Where(c => c.Type is not ("FileSystemResizePending" or "Resizing")).Select(Models.ToNode).ToList();
        if (isNodeNext)
        {
            conditions.Add(new JsonObject { ["type"] = "FileSystemResizePending", ["status"] = "True", ["lastTransitionTime"] = KubeTime.Text(services.Time.GetUtcNow()), ["message"] = "Waiting for user to (re-)start a pod to finish file system resize of volume on node." });
        }

        var status = new JsonObject { ["conditions"] = conditions.Count == 0 ? null : new JsonArray([.. conditions]) };
        if (!isNodeNext)
        {
            status["capacity"] = new JsonObject { ["storage"] = amount };
        }

        await SendAsync(new MergeObject(item.Key, item.Uid, new JsonObject { ["status"] = status }, "expanded", By, item.Revision, RecordedEvents:
            [isNodeNext ? new("Normal", "FileSystemResizeRequired", "Require file system resize of volume on node", driver.Name) : new("Normal", "VolumeResizeSuccessful", "Resize volume succeeded", driver.Name)])).ConfigureAwait(false);
    }

    private async Task DeleteAsync(KubeObject item)
    {
        var volume = item.As<V1PersistentVolume>();
        if (volume.Spec.Csi is not { } source || !item.Finalizers.Contains(CsiAnnotations.VolumeFinalizer) || (!item.IsDeleting && volume.Status?.Phase != "Released"))
        {
            return;
        }

        if (volume.Spec.PersistentVolumeReclaimPolicy == "Delete")
        {
            if (Driver(source.Driver, Ability.CreateDeleteVolume) is not { } driver)
            {
                return;
            }

            var request = new DeleteVolumeRequest { VolumeId = source.VolumeHandle };
            await FillAsync(request.Secrets, CsiProvisioning.DeletionSecretOf(volume)).ConfigureAwait(false);
            await CallAsync(c => driver.Controllers.DeleteVolumeAsync(request, cancellationToken: c)).ConfigureAwait(false);
            _capacities.Forget();
        }

        var now = item.IsDeleting ? item : (await SendAsync(new DeleteObject(item.Key, By, item.Revision, ExpectedUid: item.Uid)).ConfigureAwait(false)).Object;
        if (now is not null)
        {
            await SendAsync(Finalizers(now, now.Finalizers.Remove(CsiAnnotations.VolumeFinalizer))).ConfigureAwait(false);
        }
    }

    private async Task AttachmentAsync(KubeObject item)
    {
        var attachment = item.As<V1VolumeAttachment>();
        if (csi.Drivers.Find(attachment.Spec.Attacher) is not { Controller: { } able } driver || attachment.Spec.Source?.PersistentVolumeName is not { } name)
        {
            return;
        }

        var source = (await FindAsync(PersistentVolumeDefinition.Instance.Key(null, name)).ConfigureAwait(false))?.As<V1PersistentVolume>();
        if (item.IsDeleting)
        {
            await DetachAsync(item, driver, able, source).ConfigureAwait(false);
        }
        else if (attachment.Status?.Attached != true && source?.Spec.Csi is not null)
        {
            await AttachAsync(item, attachment, driver, able, source).ConfigureAwait(false);
        }
    }

    private async Task AttachAsync(KubeObject item, V1VolumeAttachment attachment, CsiDriver driver, ImmutableHashSet<Ability> able, V1PersistentVolume volume)
    {
        var metadata = new JsonObject();
        if (able.Contains(Ability.PublishUnpublishVolume))
        {
            var node = await NodeIdAsync(attachment.Spec.NodeName, driver.Name).ConfigureAwait(false)
                ?? throw new CsiRefusal("FailedAttachVolume", $"CSINode {attachment.Spec.NodeName} does not contain driver {driver.Name}");

            // Before the driver is asked, so that what it did is undone though nobody saw it, and node and volume may be gone by then.
            if (await HeldAsync(item, node, volume.Spec.Csi).ConfigureAwait(false) is not { } held)
            {
                return;
            }

            item = held;
            var request = new ControllerPublishVolumeRequest
            {
                VolumeId = volume.Spec.Csi.VolumeHandle,
                NodeId = node,
                VolumeCapability = CsiProvisioning.Shown(volume.Spec.Csi.FsType, volume.Spec.MountOptions, volume.Spec.AccessModes?.FirstOrDefault(), driver),
                Readonly = volume.Spec.Csi.ReadOnlyProperty == true && able.Contains(Ability.PublishReadonly),
            };
            foreach (var (key, value) in volume.Spec.Csi.VolumeAttributes ?? new Dictionary<string, string>())
            {
                request.VolumeContext[key] = value;
            }

            await FillAsync(request.Secrets, volume.Spec.Csi.ControllerPublishSecretRef).ConfigureAwait(false);
            try
            {
                foreach (var (key, value) in (await CallAsync(c => driver.Controllers.ControllerPublishVolumeAsync(request, cancellationToken: c)).ConfigureAwait(false)).PublishContext)
                {
                    metadata[key] = value;
                }
            }
            catch (CsiException e)
            {
                await ErrorAsync(item, "attachError", e).ConfigureAwait(false);
                throw;
            }
        }

        var status = new JsonObject { ["attached"] = true, ["attachmentMetadata"] = metadata.Count == 0 ? null : metadata, ["attachError"] = null };
        await SendAsync(new MergeObject(item.Key, item.Uid, new JsonObject { ["status"] = status }, "attached", By, item.Revision)).ConfigureAwait(false);
    }

    private static string? Note(KubeObject item, string annotation) => item.As<V1VolumeAttachment>().Metadata.Annotations?.TryGetValue(annotation, out var text) == true ? text : null;

    // Null if it was changed meanwhile: it is told of again.
    private async Task<KubeObject?> HeldAsync(KubeObject item, string node, V1CSIPersistentVolumeSource source)
    {
        var notes = new JsonObject { [CsiAnnotations.NodeId] = node, [CsiAnnotations.Handle] = source.VolumeHandle };
        if (source.ControllerPublishSecretRef is { } secret)
        {
            notes[CsiAnnotations.Secret] = $"{secret.NamespaceProperty}/{secret.Name}";
        }

        if (item.Finalizers.Contains(CsiAnnotations.AttachFinalizer) && notes.All(n => Note(item, n.Key) == (string?)n.Value))
        {
            return item;
        }

        var patch = Finalizers(item, item.Finalizers.Contains(CsiAnnotations.AttachFinalizer) ? item.Finalizers : item.Finalizers.Add(CsiAnnotations.AttachFinalizer));
        patch.Patch["metadata"]!["annotations"] = notes;
        return (await SendAsync(patch).ConfigureAwait(false)) is { Error: null, Object: { } held } ? held : null;
    }

    private async Task DetachAsync(KubeObject item, CsiDriver driver, ImmutableHashSet<Ability> able, V1PersistentVolume? volume)
    {
        if (!item.Finalizers.Contains(CsiAnnotations.AttachFinalizer))
        {
            return;
        }

        if (able.Contains(Ability.PublishUnpublishVolume))
        {
            var source = volume?.Spec.Csi;
            var name = item.As<V1VolumeAttachment>().Spec.NodeName;
            var node = Note(item, CsiAnnotations.NodeId) ?? await NodeIdAsync(name, driver.Name).ConfigureAwait(false);
            var handle = Note(item, CsiAnnotations.Handle) ?? source?.VolumeHandle;
            if (node is null || handle is null)
            {
                throw new CsiRefusal("FailedDetachVolume", $"the {(node is null ? $"driver's id of node {name}" : "volume")} is not known any more; detach the volume by hand, then remove the finalizer {CsiAnnotations.AttachFinalizer}");
            }

            var request = new ControllerUnpublishVolumeRequest { VolumeId = handle, NodeId = node };
            var secret = Note(item, CsiAnnotations.Secret)?.Split('/') is [var ns, var of] ? new V1SecretReference { NamespaceProperty = ns, Name = of } : source?.ControllerPublishSecretRef;
            await FillAsync(request.Secrets, secret).ConfigureAwait(false);
            try
            {
                await CallAsync(c => driver.Controllers.ControllerUnpublishVolumeAsync(request, cancellationToken: c)).ConfigureAwait(false);
            }
            catch (CsiException e)
            {
                await ErrorAsync(item, "detachError", e).ConfigureAwait(false);
                throw;
            }
        }

        await SendAsync(Finalizers(item, item.Finalizers.Remove(CsiAnnotations.AttachFinalizer))).ConfigureAwait(false);
    }

    // The time of the first: each write of the same error would be news to whoever waits for the volume.
    private async Task ErrorAsync(KubeObject item, string field, CsiException error)
    {
        if ((string?)item.ToNode()["status"]?[field]?["message"] == error.Message)
        {
            return;
        }

        var status = new JsonObject { ["attached"] = field == "detachError", [field] = new JsonObject { ["message"] = error.Message, ["time"] = KubeTime.Text(services.Time.GetUtcNow()) } };
        await SendAsync(new MergeObject(item.Key, item.Uid, new JsonObject { ["status"] = status }, "reported", By, item.Revision)).ConfigureAwait(false);
    }

    private CsiDriver? Driver(string name, Ability ability) => csi.Drivers.Find(name) is { Controller: { } able } driver && able.Contains(ability) ? driver : null;

    private Task<T> CallAsync<T>(Func<CancellationToken, AsyncUnaryCall<T>> call) => CsiCall.RunAsync(call, CsiCall.Long, services.Time, stopping);

    private MergeObject Finalizers(KubeObject item, ImmutableArray<string> finalizers) => new(item.Key, item.Uid,
        new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = finalizers.IsEmpty ? null : new JsonArray([.. finalizers.Select(f => (JsonNode)f)]) } }, "finalized", By, item.Revision, ExpectedRevision: item.Revision);

    private async Task<string?> NodeIdAsync(string node, string driver) =>
        (await FindAsync(CSINodeDefinition.Instance.Key(null, node)).ConfigureAwait(false))?.As<V1CSINode>().Spec.Drivers?.FirstOrDefault(d => d.Name == driver)?.NodeID;

    private async Task<IReadOnlyDictionary<string, string>?> TopologyAsync(string node, string driver)
    {
        var keys = (await FindAsync(CSINodeDefinition.Instance.Key(null, node)).ConfigureAwait(false))?.As<V1CSINode>().Spec.Drivers?.FirstOrDefault(d => d.Name == driver)?.TopologyKeys;
        var labels = (await FindAsync(services.Key with { Name = node }).ConfigureAwait(false))?.Labels;
        return keys is null || labels is null ? null : keys.Where(labels.ContainsKey).ToDictionary(k => k, k => labels[k]);
    }

    private async Task FillAsync(MapField<string, string> map, V1SecretReference? secret)
    {
        if (secret is null)
        {
            return;
        }

        var found = await FindAsync(Orchestrator.Actors.Kinds.Secrets.SecretDefinition.Instance.Key(secret.NamespaceProperty, secret.Name)).ConfigureAwait(false)
            ?? throw new CsiRefusal(null, $"secret \"{secret.NamespaceProperty}/{secret.Name}\" not found");
        foreach (var (key, value) in found.As<V1Secret>().Data ?? new Dictionary<string, byte[]>())
        {
            map[key] = System.Text.Encoding.UTF8.GetString(value);
        }
    }

    private async Task<KubeObject?> FindAsync(ObjectKey key)
    {
        var reply = await services.Store.SendAsync(new GetObject(key, By), stopping).ConfigureAwait(false);
        return reply.Error is null or { Reason: ApiReason.NotFound } ? reply.Object : throw new CsiRefusal(null, $"{key.Resource} \"{key.Name}\" could not be read: {reply.Error.Message}");
    }

    // What has changed meanwhile is looked at again when the gateway tells of it.
    private async Task<CommandReply> SendAsync(ObjectCommand command)
    {
        var reply = await services.Store.SendAsync(command, stopping).ConfigureAwait(false);
        return reply.Error is null or { Reason: ApiReason.NotFound or ApiReason.Conflict } ? reply : throw new CsiRefusal(null, $"{command.Key.Resource} \"{command.Key.Name}\" could not be written: {reply.Error.Message}");
    }

    private void Record(KubeObject item, RecordedEvent recorded) =>
        services.Region.Tell(new MergeObject(item.Key, item.Uid, [], "progressed", By, item.Revision, RecordedEvents: [recorded]), Akka.Actor.ActorRefs.NoSender);

    private async Task SayAsync(KubeObject item, string reason, string why)
    {
        if (_said.TryGetValue(item.Uid, out var before) && before == why)
        {
            return;
        }

        _said[item.Uid] = why;
        log.Warn("A CSI driver did not do what it was asked for; it is asked again", ("object", item.Key), ("error", why));
        await Task.Run(() => Record(item, new RecordedEvent("Warning", reason, why, "csi")), stopping).ConfigureAwait(false);
    }

    /// <summary>Something is not as a driver needs it.</summary>
    private sealed class CsiRefusal(string? reason, string message) : Exception(message)
    {
        public string? Reason => reason;
    }
}
