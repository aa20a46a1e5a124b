using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.CSIDrivers;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.VolumeAttachments;

/// <summary>Turns the plan of <see cref="AttachPlanner"/> for a volume into commands. Part of the controller of volumes.</summary>
internal static class VolumeAttaching
{
    private const string OutOfService = "node.kubernetes.io/out-of-service";

    /// <summary>What wakes a volume because of its attachments.</summary>
    public static ImmutableArray<WakeRule> WokenBy =>
    [
        // A pod on a node: the volumes of its claims.
        new(o => o.Kind == PodDefinition.Instance && o.NodeName is { Length: > 0 } && Claims(o) is { Length: > 0 } names ? new(o.Namespace, names) : null,
            (concern, view) => concern.Name.Split(',').SelectMany(n => view.Find(PersistentVolumeClaimDefinition.Instance.Key(concern.Namespace, n))?.References ?? []).Where(k => k.Resource == PersistentVolumeDefinition.Instance.Resource)),

        // An attachment: its volume.
        new(o => o.Kind == VolumeAttachmentDefinition.Instance ? Volume(o) is { } volume ? new("", volume.Name) : null : null, (concern, _) => [PersistentVolumeDefinition.Instance.Key(null, concern.Name)]),

        // A node: the volumes that are attached to it.
        new(o => o.Kind == NodeDefinition.Instance ? new("", o.Name) : null,
            (concern, view) => view.Indexed(IndexKey.Reference(NodeDefinition.Instance.Key(null, concern.Name))).Where(o => o.Kind == VolumeAttachmentDefinition.Instance).Select(Volume).OfType<ObjectKey>()),

        // A driver: its volumes.
        new(o => o.Kind == CSIDriverDefinition.Instance ? new("", o.Name) : null,
            (concern, view) => view.Indexed(IndexKey.Reference(CSIDriverDefinition.Instance.Key(null, concern.Name))).Where(o => o.Kind == PersistentVolumeDefinition.Instance).Select(o => o.Key)),
    ];

    /// <summary>Plans the attachments of a volume.</summary>
    /// <param name="self">The volume.</param>
    /// <param name="volume">The volume, typed.</param>
    /// <param name="view">The cluster.</param>
    /// <param name="context">See <see cref="PlanContext"/>.</param>
    public static ControllerPlan Plan(KubeObject self, V1PersistentVolume volume, IClusterView view, PlanContext context)
    {
        if (volume.Spec.Csi is not { } source)
        {
            return ControllerPlan.Nothing;
        }

        // Those that somebody else made have other names, and are somebody else's.
        var attachments = view.Indexed(IndexKey.Reference(self.Key)).Where(o => o.Kind == VolumeAttachmentDefinition.Instance).Select(o => (Object: o, Typed: o.As<V1VolumeAttachment>()))
            .Where(a => a.Object.Name == CsiAttachments.NameOf(source.VolumeHandle, source.Driver, a.Typed.Spec.NodeName)).ToList();
        var users = Users(volume, view);
        if (attachments.Count == 0 && users.Count == 0)
        {
            return ControllerPlan.Nothing;
        }

        var isNeeded = view.Find(CSIDriverDefinition.Instance.Key(null, source.Driver))?.As<V1CSIDriver>().Spec.AttachRequired != false;
        var facts = new AttachFacts(isNeeded, volume.Spec.AccessModes?.All(m => m is "ReadWriteOnce" or AccessModes.OnePod) == true, users, [.. attachments.Select(a => Read(a.Object, a.Typed))], name => Node(view, name));
        var plan = AttachPlanner.Plan(facts, context.Now);
        var by = $"persistentvolume:{self.Name}";
        var objects = attachments.ToDictionary(a => a.Object.Name, a => a.Object);
        MergeObject Mark(Attachment attachment, string? since) => new(objects[attachment.Name].Key, objects[attachment.Name].Uid,
            new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [CsiAnnotations.UnusedSince] = since } } }, "reported", by, context.Cause);
        return new ControllerPlan(
        [
            .. plan.Attach.Select(node => new CreateObject(VolumeAttachmentDefinition.Instance.Key(null, CsiAttachments.NameOf(source.VolumeHandle, source.Driver, node)), Create(self, source, node), by, context.Cause)),
            // Of the version that was looked at: a node may be about to mount it.
            .. plan.Detach.Select(a => new DeleteObject(objects[a.Name].Key, by, context.Cause, ExpectedUid: objects[a.Name].Uid, ExpectedRevision: objects[a.Name].Revision)),
            .. plan.Unused.Select(a => Mark(a, KubeTime.Text(context.Now))),
            .. plan.Used.Select(a => Mark(a, null)),
        ], plan.RecheckAfter)
        {
            Findings = [.. plan.Refused.Select(node => new Finding($"FailedAttachVolume{node}", new RecordedEvent("Warning", "FailedAttachVolume",
                $"Multi-Attach error for volume \"{self.Name}\": it can be attached to one node at a time, and a pod on node {node} wants it while it is attached to {string.Join(", ", facts.Attachments.Select(a => a.Node))}", "attachdetach-controller"), by))],
        };
    }

    private static JsonObject Create(KubeObject volume, V1CSIPersistentVolumeSource source, string node) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = CsiAttachments.NameOf(source.VolumeHandle, source.Driver, node) },
        ["spec"] = new JsonObject { ["attacher"] = source.Driver, ["nodeName"] = node, ["source"] = new JsonObject { ["persistentVolumeName"] = volume.Name } },
    };

    private static Attachment Read(KubeObject item, V1VolumeAttachment attachment)
    {
        var annotations = attachment.Metadata.Annotations ?? new Dictionary<string, string>();
        return new Attachment(item.Name, attachment.Spec.NodeName, item.IsDeleting, annotations.ContainsKey(CsiAnnotations.Mounted), annotations.TryGetValue(CsiAnnotations.UnusedSince, out var since) ? KubeTime.Read(since) : null);
    }

    private static AttachNode Node(IClusterView view, string name) => view.Find(NodeDefinition.Instance.Key(null, name))?.As<V1Node>() is not { } node ? new(false, false, false)
        : new(true, node.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true, node.Spec?.Taints?.Any(t => t.Key == OutOfService) == true);

    private static List<string> Users(V1PersistentVolume volume, IClusterView view)
    {
        if (volume.Spec.ClaimRef is not { Name: { Length: > 0 } name } reserved || view.Find(PersistentVolumeClaimDefinition.Instance.Key(reserved.NamespaceProperty, name)) is not { } claim || claim.Uid != reserved.Uid)
        {
            return [];
        }

        return [.. view.Indexed(IndexKey.Reference(claim.Key)).Where(o => o.Kind == PodDefinition.Instance && o is { NodeName.Length: > 0, Phase: not ("Succeeded" or "Failed") }).Select(o => o.NodeName!)];
    }

    private static ObjectKey? Volume(KubeObject attachment)
    {
        foreach (var key in attachment.References)
        {
            if (key.Resource == PersistentVolumeDefinition.Instance.Resource)
            {
                return key;
            }
        }

        return null;
    }

    // A name has no comma.
    private static string Claims(KubeObject pod)
    {
        var names = "";
        foreach (var key in pod.References)
        {
            if (key.Resource == PersistentVolumeClaimDefinition.Instance.Resource)
            {
                names = names.Length == 0 ? key.Name : $"{names},{key.Name}";
            }
        }

        return names;
    }
}
