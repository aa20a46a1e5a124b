using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Resources;

/// <summary>A further group or version of a kind. Its objects are converted when they are read and written. Pure.</summary>
/// <param name="Stored">The definition under which objects are stored.</param>
/// <param name="FromStored">Converts from the stored form; may modify its argument.</param>
/// <param name="ToStored">Converts to the stored form; may modify its argument.</param>
public sealed record ResourceView(ResourceDefinition Stored, Func<JsonObject, JsonObject> FromStored, Func<JsonObject, JsonObject> ToStored)
{
    /// <summary>Converts a stored object to the view.</summary>
    /// <param name="view">The definition that has this view.</param>
    /// <param name="item">The stored object.</param>
    internal KubeObject Show(ResourceDefinition view, KubeObject item) => KubeObject.From(view, Named(FromStored(item.ToNode()), view));

    /// <summary>An object with the version of a definition.</summary>
    internal static KubeObject Named(ResourceDefinition kind, KubeObject item) => KubeObject.From(kind, Named(item.ToNode(), kind));

    /// <summary>Converts an object of the view to the stored form.</summary>
    internal JsonObject Store(JsonObject o) => Named(ToStored(o), Stored);

    private static JsonObject Named(JsonObject o, ResourceDefinition kind)
    {
        (o["apiVersion"], o["kind"]) = (kind.ApiVersion, kind.Kind);
        return o;
    }
}
