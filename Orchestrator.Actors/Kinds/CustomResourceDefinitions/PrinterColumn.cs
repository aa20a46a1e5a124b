using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Api.Tables;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.CustomResourceDefinitions;

/// <summary>Columns that a CustomResourceDefinition adds to <c>kubectl get</c> (<c>additionalPrinterColumns</c>).</summary>
internal static class PrinterColumn
{
    /// <summary>Returns the columns after the name. Default: the age.</summary>
    public static IEnumerable<Column> Read(JsonArray? columns) => columns is null ? [Column.Age] : columns.OfType<JsonObject>().Select(Read);

    private static Column Read(JsonObject column)
    {
        var (path, isDate) = ((string?)column["jsonPath"] ?? "", (string?)column["type"] == "date");
        var isValid = FieldPath.IsValid(path);
        return new Column((string?)column["name"] ?? "", row => Cell(row, isValid ? path : "", isDate), column["priority"].AsInt64() > 0);
    }

    private static JsonNode? Cell(TableRow row, string path, bool isDate) => path.Length > 0 && FieldPath.Select(row.Node, path).FirstOrDefault() is { } value
        ? isDate ? Age.Of(KubeTime.Read(value.ToString())?.UtcDateTime, row.Now) : value.DeepClone()
        : isDate ? "<unknown>" : "";
}
