using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Resources;

/// <summary>A column of the table that <c>kubectl get</c> prints.</summary>
/// <param name="Header">Column header.</param>
/// <param name="Cell">Returns the value for a row.</param>
/// <param name="IsWide">Whether the column is printed with <c>-o wide</c> only.</param>
public sealed record Column(string Header, Func<TableRow, JsonNode?> Cell, bool IsWide = false)
{
    /// <summary>The object's name.</summary>
    public static readonly Column Name = new("Name", r => r.Object.Name);

    /// <summary>The time since the object was created.</summary>
    public static readonly Column Age = new("Age", r => Api.Tables.Age.Of(r.Time("metadata.creationTimestamp"), r.Now));

    /// <summary>Prints the value of a field of any type.</summary>
    /// <param name="header">Column header.</param>
    /// <param name="path">Path of the field, such as <c>spec.type</c>.</param>
    /// <param name="absent">Printed if the field is absent or empty.</param>
    /// <param name="isWide">See <see cref="IsWide"/>.</param>
    public static Column Field(string header, string path, string absent = "", bool isWide = false) => new(header, r => r.Text(path) is { Length: > 0 } text ? text : absent, isWide);

    /// <summary>Prints the number of items of a list or map.</summary>
    public static Column Count(string header, string path, bool isWide = false) =>
        new(header, r => r.At(path) switch { JsonArray a => a.Count, JsonObject o => o.Count, _ => 0 }, isWide);

    /// <summary>Prints the items of a list of strings.</summary>
    public static Column List(string header, string path, string absent = "<none>", bool isWide = false) =>
        new(header, r => r.At(path) is JsonArray { Count: > 0 } a ? string.Join(',', a.Select(i => i?.ToString())) : absent, isWide);

    /// <summary>Prints the time since a timestamp.</summary>
    public static Column Since(string header, string path, bool isWide = false) => new(header, r => Api.Tables.Age.Of(r.Time(path), r.Now), isWide);

    /// <summary>Prints the labels of a selector, or <c>&lt;none&gt;</c>.</summary>
    public static Column Labels(string header, string path, bool isWide = true) =>
        new(header, r => r.At(path) is JsonObject { Count: > 0 } labels ? string.Join(',', labels.Select(p => $"{p.Key}={p.Value}")) : "<none>", isWide);

    /// <summary>Prints the names and images of a pod template's containers, with <c>-o wide</c> only.</summary>
    /// <param name="path">Path of the pod spec.</param>
    public static IEnumerable<Column> Containers(string path = "spec.template.spec") =>
    [
        new("Containers", r => Joined(r.At(path), "name"), true),
        new("Images", r => Joined(r.At(path), "image"), true),
    ];

    private static string Joined(JsonNode? spec, string member) => string.Join(',', (spec?["containers"] as JsonArray ?? []).Select(c => (string?)c?[member]));
}

/// <summary>A row of a table.</summary>
/// <param name="item">The object.</param>
/// <param name="now">Current time, to compute ages.</param>
public sealed class TableRow(KubeObject item, DateTimeOffset now)
{
    private JsonObject? _node;

    /// <summary>The object.</summary>
    public KubeObject Object => item;

    /// <summary>Current time, to compute ages.</summary>
    public DateTimeOffset Now => now;

    /// <summary>The object as JSON, parsed at first use. Do not modify it.</summary>
    public JsonObject Node => _node ??= item.ToNode();

    /// <summary>The object as its model class. Do not modify it.</summary>
    public T As<T>() where T : class => item.As<T>();

    /// <summary>Returns the value at a path of member names; null if there is none.</summary>
    public JsonNode? At(string path) => JsonPath.At(Node, path);

    /// <summary>Returns the value at a path as a string; null if there is none.</summary>
    public string? Text(string path) => At(path)?.ToString();

    /// <summary>Returns the timestamp at a path; null if there is none.</summary>
    public DateTime? Time(string path) =>
        DateTime.TryParse(Text(path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;
}
