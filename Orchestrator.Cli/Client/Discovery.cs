using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Client;

/// <summary>A resource type from API discovery.</summary>
internal sealed record ResourceType(
    string Group, string Version, string Plural, string Singular, string Kind, bool IsNamespaced,
    IReadOnlyList<string> ShortNames, IReadOnlyList<string> Categories, IReadOnlyList<string> Verbs)
{
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Name of the type in output, such as <c>pod</c> or <c>deployment.apps</c>.</summary>
    public string Display => Group.Length == 0 ? Singular : $"{Singular}.{Group}";

    public string FullName => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>Returns the path of the collection; a null namespace means all namespaces.</summary>
    public string Path(string? ns)
    {
        var root = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        return IsNamespaced && ns is not null ? $"{root}/namespaces/{Uri.EscapeDataString(ns)}/{Plural}" : $"{root}/{Plural}";
    }

    public string Path(string? ns, string name) => $"{Path(ns)}/{Uri.EscapeDataString(name)}";

    public bool IsCalled(string name) =>
        Plural == name || Singular == name || ShortNames.Contains(name) || FullName == name || Display == name
        || (Group.Length > 0 && $"{Plural}.{Version}.{Group}" == name) || string.Equals(Kind, name, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The resource types of a server.</summary>
internal sealed class Discovery(IReadOnlyList<ResourceType> types)
{
    public IReadOnlyList<ResourceType> Types => types;

    public static async Task<Discovery> LoadAsync(ApiClient client, CancellationToken cancellation)
    {
        var core = client.GetAsync("/api/v1", cancellation);
        var groups = await client.GetAsync("/apis", cancellation);
        var versions = groups.Items("groups").Select(g => g.Text("preferredVersion", "groupVersion")).OfType<string>()
            .Select(v => client.GetAsync($"/apis/{v}", cancellation)).Prepend(core);
        return new Discovery([.. (await Task.WhenAll(versions)).SelectMany(Parse)]);
    }

    public static IEnumerable<ResourceType> Parse(JsonObject list)
    {
        var parts = (list.Text("groupVersion") ?? "v1").Split('/');
        var (group, version) = parts.Length == 2 ? (parts[0], parts[1]) : ("", parts[0]);
        return list.Items("resources").Where(r => r.Text("name") is { } n && !n.Contains('/', StringComparison.Ordinal)).Select(r => new ResourceType(
            group, version, r.Text("name")!, r.Text("singularName") is { Length: > 0 } s ? s : (r.Text("kind") ?? "").ToLowerInvariant(),
            r.Text("kind") ?? "", r.Flag("namespaced"), Strings(r["shortNames"]), Strings(r["categories"]), Strings(r["verbs"])));
    }

    /// <summary>Finds types by any of their names, or by a category such as <c>all</c>.</summary>
    public IReadOnlyList<ResourceType> Find(string word)
    {
        var name = word.ToLowerInvariant();
        if (types.FirstOrDefault(t => t.IsCalled(name)) is { } type)
        {
            return [type];
        }

        var category = types.Where(t => t.Categories.Contains(name)).ToList();
        return category.Count > 0 ? category
            : throw new CliException($"The server has no resource type \"{word}\": 'orc api-resources' lists those it has.");
    }

    public ResourceType One(string word) => Find(word) is [var only] ? only
        : throw new UsageException($"\"{word}\" matches several types: use one of their names.");

    public ResourceType OfManifest(string apiVersion, string kind) => types.FirstOrDefault(t => t.ApiVersion == apiVersion && t.Kind == kind)
        ?? throw new CliException($"The server has no kind \"{kind}\" in version \"{apiVersion}\": 'orc api-resources' lists those it has.");

    private static List<string> Strings(JsonNode? node) => [.. (node as JsonArray ?? []).Select(n => n?.ToString() ?? "")];
}
