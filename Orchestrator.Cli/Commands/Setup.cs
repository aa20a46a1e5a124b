using System.CommandLine;
using System.Globalization;

namespace Orchestrator.Cli.Commands;

/// <summary>Options of every command.</summary>
internal sealed class GlobalOptions
{
    public Option<string?> Kubeconfig { get; } = new("--kubeconfig") { Description = "Kubeconfig file (default: KUBECONFIG, the local cluster's, ~/.kube/config)", Recursive = true, HelpName = "file" };

    public Option<string?> Context { get; } = new("--context") { Description = "Context of the kubeconfig (default: its current one)", Recursive = true, HelpName = "name" };

    public Option<string?> Namespace { get; } = new("--namespace", "-n") { Description = "Namespace (default: the context's, else default)", Recursive = true, HelpName = "name" };

    public IEnumerable<Option> All => [Kubeconfig, Context, Namespace];
}

/// <summary>Builds commands and options.</summary>
internal sealed class Setup(CommandIo io, GlobalOptions globals)
{
    public CommandIo Io => io;

    public GlobalOptions Globals => globals;

    public Dictionary<Command, string[]> Examples { get; } = [];

    /// <summary>Creates a command.</summary>
    public Command Command(string name, string description, Symbol[] symbols, string[] examples, Func<CommandContext, Task<int>>? run = null)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Argument a:
                    command.Add(a);
                    break;
                case Option o:
                    command.Add(o);
                    break;
                case Command c:
                    command.Add(c);
                    break;
            }
        }

        Examples[command] = examples;
        if (run is not null)
        {
            command.SetAction(async (parsed, cancellation) =>
            {
                using var context = new CommandContext(parsed, io, globals, cancellation);
                return await run(context);
            });
        }

        return command;
    }

    public static Argument<string[]> Words(string name, string description, bool isRequired = true) =>
        new(name) { Description = description, Arity = isRequired ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore };

    public static Option<string[]> Files() =>
        new("--filename", "-f") { Description = "File, directory, or - for standard input; may be repeated", HelpName = "path", Arity = ArgumentArity.OneOrMore };

    public static Option<bool> Switch(string description, string name, params string[] aliases) => new(name, aliases) { Description = description };

    public static Option<string?> Text(string description, string helpName, string name, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = helpName };

    public static Option<long?> Number(string description, string helpName, string name, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }

            result.AddError($"{name} must be a whole number, not \"{text}\"");
            return null;
        },
    };

    public static DurationOption Bound(string description, string otherwise, string name = "--timeout") => new(name, description, otherwise);
}

/// <summary>An option for a duration such as 30s, 5m or 1m30s. A number without a unit is in seconds.</summary>
internal sealed class DurationOption : Option<TimeSpan?>
{
    public DurationOption(string name, string description, string otherwise) : base(name)
    {
        Otherwise = Durations.Parse(otherwise)!.Value;
        Description = Otherwise > TimeSpan.Zero ? $"{description} (default: {otherwise})" : description;
        HelpName = "duration";
        CustomParser = result =>
        {
            if (Durations.Parse(result.Tokens.Count == 1 ? result.Tokens[0].Value : "") is { } time)
            {
                return time;
            }

            result.AddError($"{name} takes a duration such as 30s, 5m or 1m30s");
            return null;
        };
    }

    public TimeSpan Otherwise { get; }
}
