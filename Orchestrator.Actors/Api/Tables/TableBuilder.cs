using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Api.Tables;

/// <summary>Builds responses of the type <c>meta.k8s.io/v1 Table</c>.</summary>
public static class TableBuilder
{
    /// <summary>Builds the table of a list of objects.</summary>
    /// <param name="kind">Kind of the objects.</param>
    /// <param name="items">The objects, one per row.</param>
    /// <param name="rows">The part of the object that each row includes.</param>
    /// <param name="now">Current time, to compute ages.</param>
    /// <param name="resourceVersion">resourceVersion of the table.</param>
    /// <param name="withColumns">Whether to include the column definitions; false after the first table of a watch.</param>
    public static JsonObject Build(ResourceDefinition kind, IEnumerable<KubeObject> items, RowObject rows, DateTimeOffset now, string resourceVersion, bool withColumns = true)
    {
        var columns = kind.Columns;
        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = new JsonObject { ["resourceVersion"] = resourceVersion },
            ["columnDefinitions"] = withColumns ? new JsonArray([.. columns.Select(Definition)]) : null,
            ["rows"] = new JsonArray([.. items.Select(o => new TableRow(o, now)).Select(row => (JsonNode)new JsonObject
            {
                ["cells"] = Cells(columns, row),
                ["object"] = Carried(row, rows),
            })]),
        };
    }

    private static JsonObject? Carried(TableRow row, RowObject rows) => rows switch
    {
        RowObject.None => null,
        RowObject.Object => (JsonObject)row.Node.DeepClone(),
        _ => new JsonObject
        {
            ["kind"] = "PartialObjectMetadata",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = row.Node["metadata"]!.DeepClone(),
        },
    };

    private static JsonArray Cells(ImmutableArray<Column> columns, TableRow row)
    {
        var cells = new JsonArray([.. columns.Select(c => c.Cell(row))]);
        row.Object.ForgetTyped(); // Otherwise a list of 10,000 pods would keep as many models in memory.
        return cells;
    }

    private static JsonNode Definition(Column c) => new JsonObject
    {
        ["name"] = c.Header,
        ["type"] = "string",
        ["format"] = c.Header == "Name" ? "name" : "",
        ["description"] = c.Header,
        ["priority"] = c.IsWide ? 1 : 0,
    };
}
