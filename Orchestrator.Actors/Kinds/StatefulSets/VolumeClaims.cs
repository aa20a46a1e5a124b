using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.StatefulSets;

/// <summary>The volume claims of a stateful set's pods: their names, the claims to create, and with whom they go.</summary>
/// <remarks>Kubernetes, "StatefulSets", stable storage and PersistentVolumeClaim retention.</remarks>
/// <param name="set">The stateful set.</param>
internal sealed class VolumeClaims(V1StatefulSet set)
{
    private IEnumerable<V1PersistentVolumeClaim> Templates => set.Spec.VolumeClaimTemplates ?? [];

    /// <summary>Name of the claim of a template for a pod.</summary>
    public string NameOf(string template, int ordinal) => $"{template}-{StatefulPod.NameOf(set.Metadata.Name, ordinal)}";

    /// <summary>Names of all claims of a pod.</summary>
    public IEnumerable<string> NamesOf(int ordinal) => Templates.Select(t => NameOf(t.Metadata.Name, ordinal));

    /// <summary>The claims of a pod.</summary>
    public IEnumerable<V1PersistentVolumeClaim> For(int ordinal) => Templates.Select(template =>
    {
        var claim = Models.Copy(template);
        claim.ApiVersion = "v1";
        claim.Kind = "PersistentVolumeClaim";
        claim.Metadata.Name = NameOf(template.Metadata.Name, ordinal);
        claim.Metadata.NamespaceProperty = set.Metadata.NamespaceProperty;
        claim.Metadata.Labels = new Dictionary<string, string>(claim.Metadata.Labels ?? new Dictionary<string, string>());
        foreach (var (key, value) in set.Spec.Selector.MatchLabels ?? new Dictionary<string, string>())
        {
            claim.Metadata.Labels[key] = value;
        }

        claim.Metadata.OwnerReferences = GoesWithSet ? [Reference("apps/v1", "StatefulSet", set.Metadata.Name, set.Metadata.Uid)] : null;
        return claim;
    });

    /// <summary>Replaces the volumes of the template's names by the claims of a pod. Other volumes of these names are left out, as in Kubernetes.</summary>
    /// <param name="pod">The spec of a pod. It is modified.</param>
    /// <param name="ordinal">Number of the pod.</param>
    public void Mount(V1PodSpec pod, int ordinal)
    {
        var names = Templates.Select(t => t.Metadata.Name).ToList();
        pod.Volumes =
        [
            .. names.Select(n => new V1Volume { Name = n, PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = NameOf(n, ordinal) } }),
            .. (pod.Volumes ?? []).Where(v => !names.Contains(v.Name)),
        ];
    }

    /// <summary>The owner references that a claim should have; null if it has them. It is deleted with whoever owns it.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="condemned">The pod that uses it, if that is one more than there should be; else null.</param>
    public JsonArray? Owners(KubeObject claim, StatefulPod? condemned)
    {
        List<JsonNode> wanted = [.. claim.Owners.Where(o => o.Uid != set.Metadata.Uid && o is not { Kind: "Pod", Group: "" }).Select(o => o.ToNode())];
        if (condemned is not null && set.Spec.PersistentVolumeClaimRetentionPolicy?.WhenScaled == "Delete")
        {
            wanted.Add(Models.ToNode(Reference("v1", "Pod", condemned.Name, condemned.Outline.Object.Uid)));
        }
        else if (GoesWithSet)
        {
            wanted.Add(Models.ToNode(Reference("apps/v1", "StatefulSet", set.Metadata.Name, set.Metadata.Uid)));
        }

        var present = claim.Owners.Select(o => o.Uid).Order(StringComparer.Ordinal);
        return present.SequenceEqual(wanted.Select(w => (string)w["uid"]!).Order(StringComparer.Ordinal)) ? null : new JsonArray([.. wanted]);
    }

    /// <summary>Whether a claim goes with a former stateful set of this name, which is gone: its deletion is under way, though not everybody knows.</summary>
    public bool GoesWithFormer(KubeObject claim) => claim.Owners.Any(o => o is { Kind: "StatefulSet", Group: "apps" } && o.Name == set.Metadata.Name && o.Uid != set.Metadata.Uid);

    private bool GoesWithSet => set.Spec.PersistentVolumeClaimRetentionPolicy?.WhenDeleted == "Delete";

    private static V1OwnerReference Reference(string apiVersion, string kind, string name, string uid) =>
        new() { ApiVersion = apiVersion, Kind = kind, Name = name, Uid = uid, Controller = false, BlockOwnerDeletion = true };
}
