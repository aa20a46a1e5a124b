using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Resources;

/// <summary>A column of a table as <c>kubectl get</c> shows it.</summary>
/// <param name="Header">Its name.</param>
/// <param name="Cell">Its value in a row.</param>
/// <param name="IsWide">Shown with <c>-o wide</c> only.</param>
public sealed record Column(string Header, Func<TableRow, JsonNode?> Cell, bool IsWide = false)
{
    /// <summary>The object's name.</summary>
    public static readonly Column Name = new("Name", r => r.Object.Name);

    /// <summary>How long ago the object was created.</summary>
    public static readonly Column Age = new("Age", r => Api.Tables.Age.Of(r.Time("metadata.creationTimestamp"), r.Now));

    /// <summary>The value of a field, whatever its type.</summary>
    /// <param name="header">Its name.</param>
    /// <param name="path">The field, such as <c>spec.type</c>.</param>
    /// <param name="absent">What is shown when there is none, or an empty one.</param>
    /// <param name="isWide">See <see cref="IsWide"/>.</param>
    public static Column Field(string header, string path, string absent = "", bool isWide = false) => new(header, r => r.Text(path) is { Length: > 0 } text ? text : absent, isWide);

    /// <summary>The number of items of a list, or of members of a map.</summary>
    public static Column Count(string header, string path, bool isWide = false) =>
        new(header, r => r.At(path) switch { JsonArray a => a.Count, JsonObject o => o.Count, _ => 0 }, isWide);

    /// <summary>The items of a list of texts.</summary>
    public static Column List(string header, string path, string absent = "<none>", bool isWide = false) =>
        new(header, r => r.At(path) is JsonArray { Count: > 0 } a ? string.Join(',', a.Select(i => i?.ToString())) : absent, isWide);

    /// <summary>How long ago a moment was.</summary>
    public static Column Since(string header, string path, bool isWide = false) => new(header, r => Api.Tables.Age.Of(r.Time(path), r.Now), isWide);

    /// <summary>The labels of a selector, or <c>&lt;none&gt;</c>.</summary>
    public static Column Labels(string header, string path, bool isWide = true) =>
        new(header, r => r.At(path) is JsonObject { Count: > 0 } labels ? string.Join(',', labels.Select(p => $"{p.Key}={p.Value}")) : "<none>", isWide);

    /// <summary>The names and images of a pod template's containers, for wide tables.</summary>
    /// <param name="path">The template's pod spec.</param>
    public static IEnumerable<Column> Containers(string path = "spec.template.spec") =>
    [
        new("Containers", r => Joined(r.At(path), "name"), true),
        new("Images", r => Joined(r.At(path), "image"), true),
    ];

    private static string Joined(JsonNode? spec, string member) => string.Join(',', (spec?["containers"] as JsonArray ?? []).Select(c => (string?)c?[member]));
}

/// <summary>One object of a table.</summary>
/// <param name="item">The object.</param>
/// <param name="now">Ages are told for it.</param>
public sealed class TableRow(KubeObject item, DateTimeOffset now)
{
    private JsonObject? _node;

    /// <summary>The object.</summary>
    public KubeObject Object => item;

    /// <summary>Ages are told for it.</summary>
    public DateTimeOffset Now => now;

    /// <summary>The object as JSON, parsed once; not to be changed.</summary>
    public JsonObject Node => _node ??= item.ToNode();

    /// <summary>The typed view of the object.</summary>
    public T As<T>() where T : class => item.As<T>();

    /// <summary>The value at a path of member names; null when there is none.</summary>
    public JsonNode? At(string path) => JsonPath.At(Node, path);

    /// <summary>The value at a path as text; null when there is none.</summary>
    public string? Text(string path) => At(path)?.ToString();

    /// <summary>A moment; null when there is none.</summary>
    public DateTime? Time(string path) =>
        DateTime.TryParse(Text(path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;
}
