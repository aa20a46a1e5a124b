using System.Collections.Frozen;

namespace Orchestrator.Actors.Api.Patches;

/// <summary>Lists whose items have an identity, and the fields that can be it: the first one that an item has (patchMergeKey of the API types).
/// The command line is built from this file too: what it computes is what the server merges.</summary>
internal static class MergeKeys
{
    /// <summary>Fields by the list's name.</summary>
    public static readonly FrozenDictionary<string, string[]> ByList = new Dictionary<string, string[]>
    {
        ["containers"] = ["name"],
        ["initContainers"] = ["name"],
        ["ephemeralContainers"] = ["name"],
        ["env"] = ["name"],
        ["ports"] = ["containerPort", "port"],
        ["volumes"] = ["name"],
        ["volumeMounts"] = ["mountPath"],
        ["volumeDevices"] = ["devicePath"],
        ["conditions"] = ["type"],
        ["ownerReferences"] = ["uid"],
        ["imagePullSecrets"] = ["name"],
        ["hostAliases"] = ["ip"],
        ["addresses"] = ["type"],
        ["schedulingGates"] = ["name"],
        ["resourceClaims"] = ["name"],
        ["podIPs"] = ["ip"],
        ["secrets"] = ["name"],
        ["topologySpreadConstraints"] = ["topologyKey"],
    }.ToFrozenDictionary();
}
