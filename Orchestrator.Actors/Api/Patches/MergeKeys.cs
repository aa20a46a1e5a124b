using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Api.Patches;

/// <summary>Lists whose items have an identity, and the fields that can be it: the first one that an item has (patchMergeKey of the API types);
/// lists of values that are sets; and the directives of a patch for both.
/// The command line is built from this file too: what it computes is what the server merges.</summary>
internal static class MergeKeys
{
    /// <summary>Before a list's name: the order in which its items shall stand.</summary>
    public const string Order = "$setElementOrder/";

    /// <summary>Before a list's name: the values that are taken out of it.</summary>
    public const string DeleteFrom = "$deleteFromPrimitiveList/";

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

    /// <summary>Lists of values that others add to as well.</summary>
    public static readonly FrozenSet<string> Sets = FrozenSet.Create("finalizers", "podCIDRs");

    /// <summary>The field that is the identity of a list's item; null for lists that know none.</summary>
    public static string? Of(string list, JsonObject item) =>
        ByList.TryGetValue(list, out var keys) ? Array.Find(keys, item.ContainsKey) ?? keys[0] : null;
}
