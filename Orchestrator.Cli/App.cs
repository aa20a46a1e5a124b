using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli;

/// <summary>The command line: commands, global options, and the mapping of errors to exit codes.</summary>
internal static class App
{
    public static RootCommand Root(CommandIo io)
    {
        var globals = new GlobalOptions();
        var root = new RootCommand("orc runs and controls an Orchestrator cluster; its grammar is kubectl's.");
        foreach (var option in globals.All)
        {
            root.Add(option);
        }

        var setup = new Setup(io, globals);
        Command[] commands =
        [
            UpCommand.Create(setup), DownCommand.Create(setup), StatusCommand.Create(setup), BackupCommand.Create(setup), RestoreCommand.Create(setup),
            GetCommand.Create(setup), DescribeCommand.Create(setup), HistoryCommand.Create(setup), EventsCommand.Create(setup), LogsCommand.Create(setup), TopCommand.Create(setup), NetCommand.Create(setup), ImagesCommand.Create(setup), ImageCommand.Create(setup),
            ApplyCommand.Create(setup), CreateCommand.Create(setup), RunCommand.Create(setup), ExposeCommand.Create(setup), DeleteCommand.Create(setup), LabelCommand.Create(setup), LabelCommand.CreateAnnotate(setup),
            ScaleCommand.Create(setup), AutoscaleCommand.Create(setup), SetCommand.Create(setup), RolloutCommand.Create(setup), WaitCommand.Create(setup),
            NodeCommands.CreateCordon(setup), NodeCommands.CreateUncordon(setup), DrainCommand.Create(setup),
            ApiResourcesCommand.Create(setup), VersionCommand.Create(setup), CompletionCommand.Create(setup),
        ];
        foreach (var command in commands)
        {
            root.Add(command);
        }

        foreach (var version in root.Options.OfType<VersionOption>().ToList())
        {
            root.Options.Remove(version);
        }

        foreach (var help in root.Options.OfType<System.CommandLine.Help.HelpOption>())
        {
            help.Aliases.Remove("/?");
            help.Aliases.Remove("/h");
            help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!, setup);
        }

        foreach (var suggest in root.Directives.OfType<System.CommandLine.Completions.SuggestDirective>())
        {
            suggest.Action = new CompletionAction(root, suggest, io);
        }

        return root;
    }

    public static async Task<int> RunAsync(string[] args, CommandIo io, CancellationToken cancellation = default)
    {
        var root = Root(io);
        args = args switch
        {
            [] => ["--help"],
            ["help", .. var words] => [.. words, "--help"],
            ["--version", .. var rest] => ["version", "--client", .. rest],
            _ => args,
        };
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var path = CommandPath(parsed);
        if (UnknownOption(parsed) is { } option)
        {
            // A node has more settings than options here.
            Say(io, $"Unknown option {option}: see '{path} --help'.{(parsed.CommandResult.Command.Name == "up" ? $" Other settings are in the environment, as ORCHESTRATOR_{option.TrimStart('-').ToUpperInvariant().Replace('-', '_')}, or in the file of --config." : "")}");
            return ExitCodes.Usage;
        }

        if (parsed.Action is not CompletionAction && parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens is [var stranger, ..])
        {
            var nearest = Spelling.Nearest(stranger, parsed.CommandResult.Command.Subcommands.SelectMany(c => (string[])[c.Name, .. c.Aliases]));
            Say(io, $"Unknown command \"{stranger}\": {(nearest is null ? "" : $"did you mean \"{nearest}\"? ")}see '{path} --help'.");
            return ExitCodes.Usage;
        }

        if (parsed.Errors.Count > 0)
        {
            var message = string.Join(' ', parsed.Errors[0].Message.Split((char[])['\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries));
            Say(io, $"{message.TrimEnd('.')}: see '{path} --help'.");
            return ExitCodes.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                Output = io.Out,
                Error = io.Error,
                ProcessTerminationTimeout = TimeSpan.FromSeconds(5),
            }, cancellation);
        }
        catch (CliException e)
        {
            Say(io, e.Message);
            return e.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Say(io, e.Message);
            return ExitCodes.Failed;
        }
    }

    /// <summary>Finds the first argument that looks like an option but is not one of the command. Arguments after <c>--</c> are names.</summary>
    private static string? UnknownOption(ParseResult parsed)
    {
        var words = parsed.Tokens.TakeWhile(t => t.Type != TokenType.DoubleDash)
            .Where(t => t.Type == TokenType.Argument && t.Value.Length > 1 && t.Value[0] == '-').ToList();
        var taken = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).ToHashSet(ReferenceEqualityComparer.Instance);
        return words.Find(w => taken.Contains(w) || parsed.UnmatchedTokens.Contains(w.Value))?.Value.Split('=')[0];
    }

    private static string CommandPath(ParseResult parsed)
    {
        var names = new List<string>();
        for (var at = parsed.CommandResult; at is not null; at = at.Parent as CommandResult)
        {
            names.Insert(0, at.Command is RootCommand ? "orc" : at.Command.Name);
        }

        return string.Join(' ', names);
    }

    private static void Say(CommandIo io, string message) =>
        io.Error.WriteLine(io.IsInteractive ? $"{Colours.Red}{message}{Colours.Reset}" : message);

    /// <summary>Prints the generated help followed by examples.</summary>
    private sealed class HelpWithExamples(SynchronousCommandLineAction generated, Setup setup) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var code = generated.Invoke(parseResult);
            if (setup.Examples.TryGetValue(parseResult.CommandResult.Command, out var examples))
            {
                setup.Io.Out.WriteLine("Examples:");
                foreach (var example in examples)
                {
                    setup.Io.Out.WriteLine("  " + example);
                }

                setup.Io.Out.WriteLine();
            }

            return code;
        }
    }
}
