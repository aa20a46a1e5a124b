using System.CommandLine;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands.Creation;

/// <summary>Builds the subcommands of <c>orc create</c>: each takes a name and makes one object of its options.</summary>
internal sealed class Creator(Setup setup, WriteOptions writeOptions)
{
    public Setup Setup => setup;

    /// <param name="type">The word for the type, and its short one if it has one.</param>
    /// <param name="description">What the command does.</param>
    /// <param name="symbols">Its options and further arguments.</param>
    /// <param name="examples">Examples for its help.</param>
    /// <param name="draft">Makes the object of a name and the options.</param>
    public Command Of((string Name, string? Alias) type, string description, Symbol[] symbols, string[] examples, Func<CommandContext, string, Task<JsonObject>> draft)
    {
        var name = new Argument<string>("name") { Description = "Its name" };
        var command = setup.Command(type.Name, description, [name, .. symbols], examples, async context =>
            await Draft.SendAsync(context, writeOptions.Of(context), [await draft(context, context.Get(name)!)]));
        if (type.Alias is { } alias)
        {
            command.Aliases.Add(alias);
        }

        return command;
    }

    public Command Of((string Name, string? Alias) type, string description, Symbol[] symbols, string[] examples, Func<CommandContext, string, JsonObject> draft) =>
        Of(type, description, symbols, examples, (context, name) => Task.FromResult(draft(context, name)));
}
