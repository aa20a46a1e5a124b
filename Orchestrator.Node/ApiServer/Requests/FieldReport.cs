using System.Text;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Requests;

/// <summary>The unknown and duplicate fields of one request, and what <c>?fieldValidation=</c> makes of them.</summary>
internal sealed class FieldReport
{
    private const int MaxWarnings = 50;
    private const int MaxLength = 300;

    private readonly HttpContext _http;
    private readonly string _mode;

    private FieldReport(HttpContext http, string mode) => (_http, _mode) = (http, mode);

    /// <summary>Said twice in the body, found while reading it.</summary>
    public List<string> Duplicates { get; } = [];

    public static FieldReport Of(HttpContext http)
    {
        var mode = http.Request.Query["fieldValidation"].ToString();
        return mode switch
        {
            "" => new FieldReport(http, "Warn"),
            "Strict" or "Warn" or "Ignore" => new FieldReport(http, mode),
            _ => throw Queries.Option(http, "fieldValidation", mode, "\"\", \"Ignore\", \"Strict\", \"Warn\""),
        };
    }

    /// <summary>Refuses or warns, as the client asked; nothing when all fields are known.</summary>
    public void Settle(ResourceDefinition kind, IReadOnlyCollection<string> unknown)
    {
        var problems = Duplicates.Concat(unknown.Select(path => $"unknown field \"{path}\"")).Distinct().ToList();
        if (problems.Count == 0 || _mode == "Ignore")
        {
            return;
        }

        if (_mode == "Warn")
        {
            _http.Response.Headers.Remove("Warning");
            Warn(problems.Take(MaxWarnings));
            return;
        }

        var message = $"strict decoding error: {string.Join(", ", problems)}";
        throw _http.Request.Method == "PATCH"
            ? new ApiException(new ApiError(ApiReason.Invalid, $" \"\" is invalid: patch: Invalid value: {message}",
                [new ApiCause("patch", "FieldValueInvalid", $"Invalid value: {message}")]))
            : new ApiException(ApiReason.BadRequest, $"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: {message}");
    }

    /// <summary>Tells the client something that does not stand against its request; kubectl shows it as a warning.</summary>
    public void Warn(IEnumerable<string> sentences)
    {
        foreach (var header in sentences.Select(s => $"299 - \"{Escaped(s)}\"").Where(h => !_http.Response.Headers["Warning"].Contains(h)))
        {
            _http.Response.Headers.Append("Warning", header);
        }
    }

    // A header carries visible ASCII only.
    private static string Escaped(string text)
    {
        var header = new StringBuilder();
        foreach (var letter in text.Length > MaxLength ? text[..MaxLength] : text)
        {
            header.Append(letter switch
            {
                '"' or '\\' => $"\\{letter}",
                >= ' ' and <= '~' => letter.ToString(),
                _ => "?",
            });
        }

        return header.ToString();
    }
}
