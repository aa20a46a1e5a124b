using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.StatefulSets;
using Orchestrator.Actors.Kinds.StorageClasses;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Tests.Simulation;

/// <summary>Worlds in which the pods of stateful sets have volumes that outlive them.</summary>
internal class WithClaims : WithSets
{
    public override bool HasClaims => true;

    public override IEnumerable<(ResourceDefinition Kind, JsonObject Object)> Fixtures => [(StorageClassDefinition.Instance, LocalStorageClass.Create(isDefault: true))];

    public override void Want(World world, ResourceDefinition kind, JsonObject o)
    {
        if (kind == StatefulSetDefinition.Instance)
        {
            Claiming((JsonObject)o["spec"]!, world.Random.Next(2) == 0 ? "Delete" : "Retain");
        }
    }

    public override void Stored(World world, StoredEvent stored) => Check(world, stored);

    public override string? Lacks(World world, KubeObject o, string? usual) => Lacks(world, o) ?? usual;

    /// <summary>Gives the pods of a stateful set claims.</summary>
    public static JsonObject Claiming(JsonObject spec, string policy)
    {
        spec["volumeClaimTemplates"] = new JsonArray(new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "data" },
            ["spec"] = new JsonObject { ["accessModes"] = new JsonArray("ReadWriteOnce"), ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = "1Gi" } } },
        });
        spec["persistentVolumeClaimRetentionPolicy"] = new JsonObject { ["whenScaled"] = policy, ["whenDeleted"] = policy };
        return spec;
    }

    /// <summary>A volume has one claim, a claim has one volume for its life, and a pod runs where its volume is.</summary>
    public static void Check(World world, StoredEvent stored)
    {
        if (stored.After is { } claim && claim.Kind == PersistentVolumeClaimDefinition.Instance && claim.As<V1PersistentVolumeClaim>() is { Status.Phase: "Bound" } bound)
        {
            var before = stored.Before?.As<V1PersistentVolumeClaim>();
            Fail(before?.Spec.VolumeName is { Length: > 0 } was && was != bound.Spec.VolumeName, $"{claim.Key} moves from {before?.Spec.VolumeName} to {bound.Spec.VolumeName}");
            Fail(world.Journal.Of(PersistentVolumeClaimDefinition.Instance).Any(o => o.Uid != claim.Uid && o.As<V1PersistentVolumeClaim>() is { Status.Phase: "Bound" } other && other.Spec.VolumeName == bound.Spec.VolumeName),
                $"{bound.Spec.VolumeName} has two claims");
        }

        if (stored is { Before.NodeName: null, After: { NodeName: { } node } pod } && pod.Kind == PodDefinition.Instance)
        {
            foreach (var key in pod.References.Where(r => r.Resource == PersistentVolumeClaimDefinition.Instance.Resource))
            {
                var volume = world.Journal.Find(key)?.As<V1PersistentVolumeClaim>() is { Status.Phase: "Bound" } used ? world.Journal.Find(PersistentVolumeDefinition.Instance.Key(null, used.Spec.VolumeName)) : null;
                Fail(volume is null, $"{pod.Key} gets a node before {key} is bound");
                Fail(volume is not null && LocalVolumes.NodeOf(volume.ToNode()) != node, $"{pod.Key} is on {node} and its volume is not");
            }
        }
    }

    private static void Fail(bool isWrong, string what)
    {
        if (isWrong)
        {
            throw new SimulationViolation(what);
        }
    }

    /// <summary>Returns what a claim or a volume lacks; null if nothing.</summary>
    public static string? Lacks(World world, KubeObject o) =>
        o.Kind == PersistentVolumeClaimDefinition.Instance ? o.As<V1PersistentVolumeClaim>().Status.Phase == "Lost" ? $"{o.Key} has lost its volume" : null
        : o.Kind != PersistentVolumeDefinition.Instance ? null
        : o.As<V1PersistentVolume>() is var volume && volume.Spec.ClaimRef is { } reserved && world.Journal.Find(PersistentVolumeClaimDefinition.Instance.Key(reserved.NamespaceProperty, reserved.Name))?.Uid == reserved.Uid
            ? volume.Status.Phase == "Bound" ? null : $"{o.Key} is {volume.Status.Phase} and its claim is there"
        : volume.Spec.PersistentVolumeReclaimPolicy == "Delete" ? $"{o.Key} is nobody's and stays"
        : null;
}
