using System.Text.Json.Nodes;
using Orchestrator.Cli.Manifests;

namespace Orchestrator.Cli.Commands.Creation;

/// <summary>An object that is made of options instead of a manifest.</summary>
internal static class Draft
{
    /// <summary>Creates an object; fields without a value are left out.</summary>
    public static JsonObject Of(string apiVersion, string kind, string name, params ReadOnlySpan<(string Name, JsonNode? Value)> fields)
    {
        var o = Fields(("apiVersion", apiVersion), ("kind", kind), ("metadata", new JsonObject { ["name"] = name }));
        foreach (var (field, value) in fields)
        {
            o.SetIf(field, value);
        }

        return o;
    }

    /// <summary>Creates a JSON object; fields without a value are left out.</summary>
    public static JsonObject Fields(params ReadOnlySpan<(string Name, JsonNode? Value)> fields)
    {
        var o = new JsonObject();
        foreach (var (field, value) in fields)
        {
            o.SetIf(field, value);
        }

        return o;
    }

    /// <summary>Sends objects that did not exist before; <paramref name="what"/> is what is said of each.</summary>
    public static async Task<int> SendAsync(CommandContext context, WriteMode mode, IEnumerable<JsonObject> objects, string what = "created")
    {
        var discovery = await context.DiscoveryAsync();
        var manifests = objects.Select(o => ManifestReader.Place(o, null, discovery, context.NamespaceOption, () => context.Namespace)).ToList();
        return await SendAsync(context, mode, manifests, what);
    }

    /// <summary>Sends manifests of objects that did not exist before.</summary>
    public static Task<int> SendAsync(CommandContext context, WriteMode mode, IReadOnlyList<Manifest> manifests, string what = "created") =>
        ApplyCommand.EachAsync(context, manifests, mode, async (m, how) =>
            (what, how.IsClient ? m.Object : await context.Client.PostAsync(how.Path(m.Collection), m.Object, context.Cancellation)));

    private static void SetIf(this JsonObject o, string field, JsonNode? value)
    {
        if (value is not null and not JsonObject { Count: 0 } and not JsonArray { Count: 0 })
        {
            o[field] = value;
        }
    }
}
