using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Hosting;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Manifests;

/// <summary>Reads manifests from files, directories and standard input.</summary>
internal static class ManifestReader
{
    private static readonly string[] Endings = [".yaml", ".yml", ".json"];

    public static async Task<IReadOnlyList<Manifest>> ReadAsync(IReadOnlyList<string> paths, CommandContext context)
    {
        var documents = new List<(JsonObject Object, string Source)>();
        foreach (var path in paths)
        {
            if (path == "-")
            {
                documents.AddRange(Parse(await context.Io.In().ReadToEndAsync(context.Cancellation), "standard input"));
                continue;
            }

            foreach (var file in Files(path))
            {
                documents.AddRange(Parse(await File.ReadAllTextAsync(file, context.Cancellation), file));
            }
        }

        if (documents.Count == 0)
        {
            throw new CliException($"No objects found in {string.Join(", ", paths)}.");
        }

        var discovery = await context.DiscoveryAsync();
        return [.. documents.Select(d => Place(d.Object, d.Source, discovery, context.NamespaceOption, () => context.Namespace))];
    }

    /// <summary>Parses the objects of a text; lists are expanded.</summary>
    public static IEnumerable<(JsonObject Object, string Source)> Parse(string text, string source) =>
        Yaml.Read(text, source).SelectMany(d => Expand(d, source)).Select(o => (o, source));

    /// <summary>Resolves the type and namespace of an object.</summary>
    public static Manifest Place(JsonObject o, string? source, Discovery discovery, string? namespaceOption, Func<string> otherwise)
    {
        var type = discovery.OfManifest(o.Text("apiVersion") ?? "", o.Text("kind") ?? "");
        if (o["metadata"] is not JsonObject metadata)
        {
            o["metadata"] = metadata = [];
        }

        if (!type.IsNamespaced)
        {
            return new Manifest(type, null, o, source);
        }

        var own = metadata.Text("namespace") is { Length: > 0 } ns ? ns : null;
        if (own is not null && namespaceOption is not null && own != namespaceOption)
        {
            throw new CliException($"{source} has {type.Singular} {o.Name()} in namespace {own}, but --namespace is {namespaceOption}: use the same namespace.");
        }

        var chosen = own ?? otherwise();
        metadata["namespace"] = chosen;
        return new Manifest(type, chosen, o, source);
    }

    private static IEnumerable<JsonObject> Expand(JsonNode document, string source)
    {
        if (document is not JsonObject o || o.Text("kind") is not { Length: > 0 } kind || o.Text("apiVersion") is not { Length: > 0 })
        {
            throw new CliException($"{source} has a document without apiVersion and kind: every object needs both.");
        }

        return kind.EndsWith("List", StringComparison.Ordinal) && o["items"] is JsonArray items
            ? items.SelectMany(i => Expand(i?.DeepClone() ?? new JsonObject(), source))
            : [o];
    }

    private static IEnumerable<string> Files(string path)
    {
        if (!Presence.IsThere(path))
        {
            throw new CliException($"The file {path} does not exist: specify another one, or - for standard input.");
        }

        return !Directory.Exists(path) ? [path] : Directory.GetFiles(path).Where(f => Endings.Contains(Path.GetExtension(f))).Order(StringComparer.Ordinal);
    }
}
