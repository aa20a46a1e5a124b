using System.Text.Json.Nodes;
using Orchestrator.Actors.Api.Tables;

namespace Orchestrator.Cli.Output;

/// <summary>Converts a <c>meta.k8s.io Table</c> to rows with the requested columns.</summary>
/// <param name="IsWide">Whether to show columns of lower priority too.</param>
/// <param name="WithNamespace">Whether to add NAMESPACE as the first column.</param>
/// <param name="WithLabels">Whether to add LABELS as the last column.</param>
/// <param name="Prefix">Prefix of names if several types are listed: <c>pod/</c>.</param>
internal sealed record ResourceTable(bool IsWide, bool WithNamespace, bool WithLabels, string Prefix = "")
{
    private List<int> _columns = [];
    private int _name;

    public IReadOnlyList<string> Header { get; private set; } = [];

    /// <summary>Sets the columns; tables without columns use those of the first one.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows(JsonObject table)
    {
        var definitions = table.Items("columnDefinitions").ToList();
        if (definitions.Count > 0)
        {
            _columns = [.. Enumerable.Range(0, definitions.Count).Where(i => IsWide || (definitions[i].Number("priority") ?? 0) == 0)];
            _name = definitions.FindIndex(d => d.Text("name") == "Name");
            Header = [.. WithNamespace ? ["NAMESPACE"] : Array.Empty<string>(), .. _columns.Select(i => (definitions[i].Text("name") ?? "").ToUpperInvariant()),
                .. WithLabels ? ["LABELS"] : Array.Empty<string>()];
        }

        return [.. table.Items("rows").Select(Row)];
    }

    private List<string> Row(JsonObject row)
    {
        var cells = row["cells"] as JsonArray ?? [];
        var o = row["object"];
        var line = new List<string>();
        if (WithNamespace)
        {
            line.Add(o.Namespace() ?? "");
        }

        foreach (var i in _columns)
        {
            var cell = i < cells.Count ? cells[i].Text() ?? "<none>" : "";
            line.Add(i == _name ? Prefix + cell : cell);
        }

        if (WithLabels)
        {
            var labels = string.Join(',', o.Fields("metadata", "labels").OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value.Text()}"));
            line.Add(labels.Length == 0 ? "<none>" : labels);
        }

        return line;
    }

    /// <summary>Creates a table with name and age, for servers that return objects instead of tables.</summary>
    public static JsonObject Of(IEnumerable<JsonObject> objects, DateTimeOffset now) => new()
    {
        ["kind"] = "Table",
        ["columnDefinitions"] = new JsonArray(new JsonObject { ["name"] = "Name" }, new JsonObject { ["name"] = "Age" }),
        ["rows"] = new JsonArray([.. objects.Select(o => (JsonNode)new JsonObject
        {
            ["cells"] = new JsonArray(o.Name(), Age.Of(o.Moment("metadata", "creationTimestamp"), now)),
            ["object"] = o.DeepClone(),
        })]),
    };
}
