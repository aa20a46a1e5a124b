using System.CommandLine;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc label</c> and <c>orc annotate</c>.</summary>
internal static class LabelCommand
{
    public static Command Create(Setup setup) => Create(setup, "label", "labels", "labeled",
    [
        "orc label pod web-1 tier=front",
        "orc label node n1 disk=ssd --overwrite",
        "orc label pods --all tier-                # takes the label off",
    ]);

    public static Command CreateAnnotate(Setup setup) => Create(setup, "annotate", "annotations", "annotated",
    [
        "orc annotate deploy/web kubernetes.io/change-cause='new banner'",
        "orc annotate deploy/web note-             # takes the annotation off",
    ]);

    /// <summary>Arguments before the first change are object names; <c>key=value</c> sets and <c>key-</c> removes.</summary>
    public static (IReadOnlyList<string> Words, JsonObject Changes) Split(
        IReadOnlyList<string> arguments, string otherwise = "Say what to set or take off: KEY=VALUE or KEY-.")
    {
        var changes = new JsonObject();
        var words = new List<string>();
        foreach (var argument in arguments)
        {
            var at = argument.IndexOf('=', StringComparison.Ordinal);
            if (at > 0)
            {
                changes[argument[..at]] = argument[(at + 1)..];
            }
            else if (argument.EndsWith('-') && argument.Length > 1 && words.Count > 0)
            {
                changes[argument[..^1]] = null;
            }
            else if (changes.Count == 0)
            {
                words.Add(argument);
            }
            else
            {
                throw new UsageException($"\"{argument}\" is neither KEY=VALUE nor KEY-.");
            }
        }

        return changes.Count > 0 ? (words, changes) : throw new UsageException(otherwise);
    }

    private static Command Create(Setup setup, string verb, string field, string done, string[] examples)
    {
        var arguments = Setup.Words("what", "TYPE NAME... or TYPE/NAME..., then KEY=VALUE... or KEY-...").WithNames(setup);
        var overwrite = Setup.Switch("Replace existing values", "--overwrite");
        var selection = new SelectionOptions();
        var writeOptions = new WriteOptions(WriteOptions.Formats);
        return setup.Command(verb, $"Sets or removes {field}.", [arguments, overwrite, selection.Labels, selection.All, .. writeOptions.Options], examples, async context =>
        {
            var (words, changes) = Split(context.Get(arguments)!);
            var (code, mode) = (ExitCodes.Ok, writeOptions.Of(context));
            foreach (var (type, o) in await selection.FindAsync(context, words))
            {
                var clash = context.Get(overwrite) ? null : changes.Select(c => c.Key).FirstOrDefault(k =>
                    changes[k] is not null && o.Text("metadata", field, k) is { } old && old != changes[k].Text());
                if (clash is not null)
                {
                    context.Io.Error.WriteLine($"{type.Display}/{o.Name()} has {clash}={o.Text("metadata", field, clash)} already: use --overwrite to replace it.");
                    code = ExitCodes.Failed;
                    continue;
                }

                var made = changes.Where(c => c.Value.Text() != o.Text("metadata", field, c.Key)).ToList();
                var patch = new JsonObject { ["metadata"] = new JsonObject { [field] = changes.DeepClone() } };
                var result = made.Count == 0 ? o : await mode.PatchAsync(type.Path(o.Namespace(), o.Name()), o, patch);
                mode.Say(type, result, made.Count == 0 ? $"not {done}" : field == "labels" && made.All(c => c.Value is null) ? $"un{done}" : done);
            }

            return code;
        });
    }
}
