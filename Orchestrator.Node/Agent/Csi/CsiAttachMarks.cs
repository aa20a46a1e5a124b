using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.VolumeAttachments;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Node.Agent.Csi;

/// <summary>Says at an attachment that the node has the volume mounted, so that it is not detached meanwhile (Kubernetes: <c>status.volumesInUse</c> of the node).</summary>
/// <param name="services">Services of the agent.</param>
internal sealed class CsiAttachMarks(AgentServices services)
{
    /// <summary>Marks an attachment before its volume is mounted.</summary>
    /// <returns>False if it is being undone by now.</returns>
    /// <exception cref="VolumeException">It cannot be written.</exception>
    public async Task<bool> MarkAsync(KubeObject attachment, CancellationToken cancellation) => attachment.As<V1VolumeAttachment>().Metadata.Annotations?.ContainsKey(CsiAnnotations.Mounted) == true
        || await WriteAsync(attachment, "true", cancellation).ConfigureAwait(false) is { IsDeleting: false };

    /// <summary>Takes the mark from the attachment of a volume that is mounted no longer.</summary>
    /// <exception cref="VolumeException">It cannot be written.</exception>
    public async Task UnmarkAsync(CsiRecord record, CancellationToken cancellation)
    {
        var key = VolumeAttachmentDefinition.Instance.Key(null, CsiAttachments.NameOf(record.Handle, record.Driver, services.Node));
        var reply = await services.Store.SendAsync(new GetObject(key, By), cancellation).ConfigureAwait(false);
        if (reply.Error is { Reason: not ApiReason.NotFound } error)
        {
            throw new VolumeException($"{key.Resource} \"{key.Name}\" could not be read: {error.Message}");
        }

        if (reply.Object is { } attachment && attachment.As<V1VolumeAttachment>().Metadata.Annotations?.ContainsKey(CsiAnnotations.Mounted) == true)
        {
            await WriteAsync(attachment, null, cancellation).ConfigureAwait(false);
        }
    }

    private UserInfo By => $"system:node:{services.Node}";

    private async Task<KubeObject?> WriteAsync(KubeObject attachment, string? mark, CancellationToken cancellation)
    {
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [CsiAnnotations.Mounted] = mark } } };
        var reply = await services.Store.SendAsync(new MergeObject(attachment.Key, attachment.Uid, patch, "reported", By), cancellation).ConfigureAwait(false);
        return reply.Error is null or { Reason: ApiReason.NotFound } ? reply.Object : throw new VolumeException($"{attachment.Key.Resource} \"{attachment.Name}\" could not be written: {reply.Error.Message}");
    }
}
