using Orchestrator.Actors.Api;
using Orchestrator.Actors.Api.Tables;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Requests;

/// <summary>How a client wants objects shown as the rows of a table.</summary>
/// <param name="Rows">What a row carries of its object.</param>
internal sealed record TableOptions(RowObject Rows)
{
    /// <summary>Null: the client asks for no table.</summary>
    /// <exception cref="ApiException">400: an option has a value that it cannot have.</exception>
    public static TableOptions? Of(HttpContext http) =>
        !http.Request.Headers.Accept.ToString().Contains("as=Table", StringComparison.Ordinal) ? null
        : http.Request.Query["includeObject"].ToString() switch
        {
            "" or "Metadata" => new(RowObject.Metadata),
            "Object" => new(RowObject.Object),
            "None" => new(RowObject.None),
            var other => throw new ApiException(ApiReason.BadRequest, $"includeObject: Invalid value: \"{other}\": must be 'Metadata', 'Object', 'None', or empty"),
        };
}
