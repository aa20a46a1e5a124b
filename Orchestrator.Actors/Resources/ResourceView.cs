using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Resources;

/// <summary>Another group or version under which the objects of a kind are served: stored in one form, converted on the way in and out. Pure.</summary>
/// <param name="Stored">The kind as it is stored.</param>
/// <param name="FromStored">From the stored form to this one; may change what it is given.</param>
/// <param name="ToStored">From this form to the stored one; may change what it is given.</param>
public sealed record ResourceView(ResourceDefinition Stored, Func<JsonObject, JsonObject> FromStored, Func<JsonObject, JsonObject> ToStored)
{
    /// <summary>An object as the view shows it.</summary>
    /// <param name="view">The definition whose view this is.</param>
    /// <param name="item">The object as it is stored.</param>
    internal KubeObject Show(ResourceDefinition view, KubeObject item) => KubeObject.From(view, Named(FromStored(item.ToNode()), view));

    /// <summary>A document of the view in the stored form.</summary>
    internal JsonObject Store(JsonObject o) => Named(ToStored(o), Stored);

    private static JsonObject Named(JsonObject o, ResourceDefinition kind)
    {
        (o["apiVersion"], o["kind"]) = (kind.ApiVersion, kind.Kind);
        return o;
    }
}
