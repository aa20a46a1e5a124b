using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Schema;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.CustomResourceDefinitions;

/// <summary>Reads the kind that a CustomResourceDefinition defines. Pure.</summary>
internal static class CustomKind
{
    private static readonly SchemaNode Metadata = BuiltIn.Schemas.Of(typeof(V1ObjectMeta));

    /// <summary>Returns the kind; null until the definition is established.</summary>
    public static ServedKind? Read(KubeObject crd)
    {
        var node = crd.ToNode();
        if (!CustomResourceDefinitionStatus.IsEstablished(node))
        {
            return null;
        }

        var spec = node["spec"] as JsonObject ?? [];
        var versions = (spec["versions"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        if (versions.FirstOrDefault(v => (bool?)v["storage"] == true) is not { } storage || (string?)spec["group"] is not { } group
            || spec["names"] is not JsonObject names || (string?)names["kind"] is null || (string?)names["plural"] is null)
        {
            return null;
        }

        var hasOthers = versions.Count > 1 || (node["status"]?["storedVersions"] as JsonArray)?.Count > 1;
        var stored = Definition(crd, spec, group, names, storage, view: null, hasOthers);
        return new ServedKind(stored, [.. versions.Where(v => v != storage && (bool?)v["served"] == true).Select(v => Definition(crd, spec, group, names, v, new ResourceView(stored, o => o, o => o), hasOthers: false))]);
    }

    private static ResourceDefinition Definition(KubeObject crd, JsonObject spec, string group, JsonObject names, JsonObject version, ResourceView? view, bool hasOthers)
    {
        var schema = SchemaDocument.ReadKind(version["schema"]?["openAPIV3Schema"] as JsonObject, Metadata);
        return new ResourceDefinition
        {
            Group = group,
            Version = (string)version["name"]!,
            Kind = (string)names["kind"]!,
            Plural = (string)names["plural"]!,
            Singular = (string?)names["singular"] is { Length: > 0 } singular ? singular : ((string)names["kind"]!).ToLowerInvariant(),
            Namespaced = (string?)spec["scope"] != "Cluster",
            ShortNames = Texts(names["shortNames"]),
            Categories = Texts(names["categories"]),
            Subresources = [.. ((string[])["status", "scale"]).Where(s => version["subresources"]?[s] is JsonObject)],
            ScalePaths = version["subresources"]?["scale"] is JsonObject scale
                ? new ScalePaths((string?)scale["specReplicasPath"] ?? "", (string?)scale["statusReplicasPath"] ?? "", (string?)scale["labelSelectorPath"] ?? "") : ScalePaths.Usual,
            FieldLabels = [.. (version["selectableFields"] as JsonArray ?? []).Select(f => FieldLabel.Text(((string?)f?["jsonPath"] ?? "").TrimStart('.')))],
            Columns = [Column.Name, .. PrinterColumn.Read(version["additionalPrinterColumns"] as JsonArray)],
            Schema = schema,
            Strategy = new CustomStrategy(schema),
            View = view,
            IsServed = (bool?)version["served"] == true,
            IsTerminating = crd.IsDeleting,
            HasOtherVersions = hasOthers,
        };
    }

    private static ImmutableArray<string> Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(t => (string)t!)];
}
