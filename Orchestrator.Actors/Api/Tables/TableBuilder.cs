using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Api.Tables;

/// <summary>Builds <c>meta.k8s.io/v1 Table</c> answers with Kubernetes' columns.</summary>
public static class TableBuilder
{
    /// <summary>The table of some objects.</summary>
    /// <param name="kind">Of which kind they are.</param>
    /// <param name="items">The objects, a row each.</param>
    /// <param name="rows">What a row carries of its object.</param>
    /// <param name="now">Ages are told for it.</param>
    /// <param name="resourceVersion">Of the table.</param>
    /// <param name="withColumns">False: the client has been told the columns before.</param>
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
        row.Object.ForgetTyped(); // A list of ten thousand pods would leave as many models behind.
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
