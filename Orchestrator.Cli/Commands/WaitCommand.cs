using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc wait</c>.</summary>
internal static class WaitCommand
{
    public static Command Create(Setup setup)
    {
        var what = Setup.Words("what", "TYPE NAME... or TYPE/NAME...").WithNames(setup);
        var selection = new SelectionOptions();
        var until = new Option<string>("--for") { Description = "condition=NAME[=VALUE], jsonpath=PATH=VALUE, delete or create", HelpName = "what", Required = true };
        until.Validators.Add(r =>
        {
            if (r.Tokens is [var token] && Goal.Parse(token.Value) is null)
            {
                r.AddError($"\"{token.Value}\" is nothing to wait for, use condition=NAME[=VALUE], jsonpath=PATH=VALUE, delete or create");
            }
        });
        var timeout = Setup.Bound("How long to wait", "30s");
        return setup.Command("wait", "Waits for a condition of objects.", [what, until, timeout, selection.Labels, selection.All],
        [
            "orc wait pod/web-1 --for=condition=Ready",
            "orc wait deploy/web --for=condition=Available --timeout=2m",
            "orc wait pods -l app=web --for=delete",
            "orc wait pod/job --for=jsonpath={.status.phase}=Succeeded",
        ], async context =>
        {
            var goal = Goal.Parse(context.Get(until)!)!;
            var words = context.Get(what)!;
            var targets = Target.Parse(words, await context.DiscoveryAsync());
            var places = targets.All(t => t.Name is not null)
                ? [.. targets.Select(t => (t.Type, Path: context.PathOf(t), Name: t.Name!))]
                : (await selection.FindAsync(context, words)).Select(f => (f.Type, Path: f.Type.Path(f.Object.Namespace(), f.Object.Name()), Name: f.Object.Name())).ToList();
            foreach (var (type, path, name) in places)
            {
                await Polling.UntilAsync(context, $"Waiting for {type.Singular}/{name}", context.Get(timeout), async () =>
                {
                    var o = await context.Client.FindAsync(path, context.Cancellation);
                    return goal.Missing(o) is not { } missing ? null
                        : o is null && goal.Done != "created" ? throw new CliException($"There is no {type.Singular} {name}, so it will not become {context.Get(until)}.")
                        : $"for {type.Singular}/{name}: {missing}";
                }, "see it with 'orc describe', or wait longer with --timeout.");
                context.Out.WriteLine($"{type.Display}/{name} {goal.Done}");
            }

            return ExitCodes.Ok;
        });
    }

    /// <summary>A condition to wait for.</summary>
    /// <param name="Done">Text that is printed once it is met.</param>
    /// <param name="Missing">Returns what is missing; null if it is met.</param>
    internal sealed record Goal(string Done, Func<JsonObject?, string?> Missing)
    {
        public static Goal? Parse(string text)
        {
            if (text is "delete" or "create")
            {
                return text == "delete" ? new("deleted", o => o is null ? null : "to be gone") : new("created", o => o is not null ? null : "to be created");
            }

            var parts = text.Split('=', 3);
            if (parts is ["condition", { Length: > 0 } condition, ..])
            {
                var wanted = parts.Length == 3 ? parts[2] : "True";
                return new("condition met", o =>
                {
                    var found = o.Items("status", "conditions").FirstOrDefault(c => string.Equals(c.Text("type"), condition, StringComparison.OrdinalIgnoreCase));
                    var state = found.Text("status") ?? "unknown";
                    return string.Equals(state, wanted, StringComparison.OrdinalIgnoreCase) ? null : $"condition {condition} is {state}{(found.Text("reason") is { Length: > 0 } r ? $" ({r})" : "")}";
                });
            }

            return parts is ["jsonpath", { Length: > 0 } path, var value] ? new("condition met", o =>
            {
                var found = JsonPath.Select(o, path.Trim('{', '}', '\'')).FirstOrDefault().Text() ?? "unset";
                return o is not null && found == value ? null : $"{path} is {found}";
            }) : null;
        }
    }
}
