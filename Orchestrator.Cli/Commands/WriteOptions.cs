using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary>Options of commands that change objects: dry run, output and validation.</summary>
internal sealed class WriteOptions
{
    private readonly Option<string?> _dryRun = new("--dry-run") { Description = "client or server: only show what would be changed", HelpName = "where" };
    private readonly Option<string?> _output = new("--output", "-o") { HelpName = "format" };
    private readonly Option<string?> _validate = new("--validate")
    {
        Description = "How to treat unknown and duplicate fields: strict (default: an error), warn or ignore", HelpName = "how", Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly bool _hasFields;

    /// <param name="formats">Values of <c>--output</c>; if empty, the command has no such option.</param>
    /// <param name="hasFields">Whether whole objects are sent, so that <c>--validate</c> applies.</param>
    public WriteOptions(string[] formats, bool hasFields = false)
    {
        _hasFields = hasFields;
        _dryRun.AcceptOnlyFromAmong("none", "client", "server");
        _validate.AcceptOnlyFromAmong("strict", "true", "warn", "ignore", "false");
        _output.AcceptOnlyFromAmong(formats);
        _output.Description = $"Print instead: {string.Join(", ", formats)}";
        Options = [_dryRun, .. formats.Length > 0 ? [_output] : (Option[])[], .. hasFields ? [_validate] : (Option[])[]];
    }

    public static string[] Formats { get; } = ["json", "yaml", "name"];

    public Option[] Options { get; }

    public WriteMode Of(CommandContext context) => new(context, context.Get(_dryRun) ?? "none", context.Get(_output), !_hasFields ? null : context.Get(_validate) switch
    {
        "warn" => "Warn",
        "ignore" or "false" => "Ignore",
        _ => "Strict",
    });
}

/// <summary>How a command sends changes and prints results.</summary>
/// <param name="Context">The command context.</param>
/// <param name="DryRun"><c>none</c>, <c>client</c> or <c>server</c>.</param>
/// <param name="Output">Value of <c>--output</c>; null for a message.</param>
/// <param name="Validation">The query parameter fieldValidation; null for the default of the server.</param>
internal sealed record WriteMode(CommandContext Context, string DryRun, string? Output, string? Validation = null)
{
    /// <summary>Whether nothing is sent to the server.</summary>
    public bool IsClient => DryRun == "client";

    public string Suffix => DryRun switch { "client" => " (dry run)", "server" => " (server dry run)", _ => "" };

    public string Path(string path) => ApiClient.Query(path, ("dryRun", DryRun == "server" ? "All" : null), ("fieldValidation", Validation));

    public void Say(ResourceType type, JsonObject o, string what)
    {
        if (Output is not null)
        {
            if (Output == "yaml" && !Context.IsFirst())
            {
                Context.Out.WriteLine("---");
            }

            ObjectPrinter.Print(Context.Out, Output, [(type, o)], isList: false);
        }
        else
        {
            Context.Out.WriteLine($"{type.Display}/{o.Name()} {what}{Suffix}");
        }
    }

    /// <summary>Applies a merge patch to an object, on the server unless it is a client dry run.</summary>
    public async Task<JsonObject> PatchAsync(string path, JsonObject live, JsonObject patch) =>
        IsClient ? Merged(live, patch) : await Context.Client.PatchAsync(Path(path), patch, Context.Cancellation);

    /// <summary>Applies a merge patch locally.</summary>
    public static JsonObject Merged(JsonObject? live, JsonObject patch)
    {
        var merged = (JsonObject?)live?.DeepClone() ?? [];
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                merged.Remove(name);
            }
            else
            {
                merged[name] = value is JsonObject inner ? Merged(merged[name] as JsonObject, inner) : value.DeepClone();
            }
        }

        return merged;
    }
}
