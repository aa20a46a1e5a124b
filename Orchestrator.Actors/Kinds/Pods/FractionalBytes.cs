using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Warns about fractional numbers of bytes: valid, but usually <c>m</c> was written instead of <c>M</c>.</summary>
internal static class FractionalBytes
{
    /// <summary>Returns a warning for each such quantity in a pod's spec.</summary>
    public static IEnumerable<string> In(string path, JsonObject spec) =>
        from list in (string[])["initContainers", "containers"]
        from item in JsonFilling.Items(spec, list).Select((container, index) => (container, index))
        from side in (string[])["limits", "requests"]
        from resource in (string[])["ephemeral-storage", "memory"]
        let amount = Quantity.Read(item.container["resources"]?[side]?[resource])
        where amount is { IsWhole: false }
        select $"{path}.{list}[{item.index}].resources.{side}[{resource}]: fractional byte value \"{amount}\" is invalid, must be an integer";
}
