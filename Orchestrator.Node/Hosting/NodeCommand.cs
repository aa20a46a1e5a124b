using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Certificates;
using Orchestrator.Node.Network;

namespace Orchestrator.Node.Hosting;

/// <summary>The command line of orchestrator-node: an option for each setting.</summary>
internal static class NodeCommand
{
    private const int UsageError = 2;
    private const string Name = "orchestrator-node";
    private const string PrintSettings = "--print-settings";
    private const string RemoveNetwork = "--remove-network";
    private static readonly TimeSpan RemovalBound = TimeSpan.FromSeconds(60);

    /// <summary>The help text. The settings are taken from the reference file.</summary>
    public static string Help => $"""
        {Name} runs a host of an Orchestrator cluster in the foreground. 'orc up' starts it in the background and waits until it is ready.

        Usage: {Name} [--config FILE] [--SETTING VALUE]... [{PrintSettings} | {RemoveNetwork}]

        A setting is also read from the environment as ORCHESTRATOR_SETTING, such as ORCHESTRATOR_DATA_DIR, and from FILE in HOCON.
        {PrintSettings} prints where it would keep and serve what, and exits; --version prints the version.
        {RemoveNetwork} removes the interfaces, namespaces and packet rules of the pods of a host that does not run, and exits.

        Examples:
          {Name} --data-dir /var/lib/orchestrator
          {Name} --data-dir /tmp/n1 --runtime simulated --simulated-nodes 100
          {Name} --roles worker --seed-nodes 10.0.0.1:7000 --join worker.join

        Settings with their defaults:

        {SettingsFile.Explained}
        """;

    /// <summary>Runs a host, or prints the help, the version or the settings, depending on the arguments.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        var parsed = Parse(args is ["help"] ? ["--help"] : args);
        if (Fault(parsed) is { } fault)
        {
            return await RefuseAsync(error, fault).ConfigureAwait(false);
        }

        // The host handles signals itself.
        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = output,
            Error = error,
        }).ConfigureAwait(false);
    }

    /// <summary>Reads the settings of a host.</summary>
    /// <returns>The settings, or an error that names the invalid option or setting and the valid values.</returns>
    public static (NodeOptions? Options, string? Error) Read(IReadOnlyList<string> args, Func<string, string?> environment)
    {
        var parsed = Parse(args);
        return Fault(parsed) is { } fault ? (null, fault) : Read(parsed, environment);
    }

    private static ParseResult Parse(IReadOnlyList<string> args)
    {
        // Not a RootCommand, whose help also answers to /h and /?.
        var command = new Command(Name)
        {
            new HelpOption("--help", "-h") { Action = new HelpAction() },
            new VersionOption(),
            new Option<bool>(PrintSettings) { Arity = ArgumentArity.Zero },
            new Option<bool>(RemoveNetwork) { Arity = ArgumentArity.Zero },
        };
        foreach (var name in NodeOptions.Names.Prepend("config"))
        {
            command.Add(new Option<string?>($"--{name}") { AllowMultipleArgumentsPerToken = true }); // If an option is repeated, the last value is used.
        }

        command.SetAction((parsed, _) => RunAsync(parsed));

        // The parser takes "--name=" for "--name", and its value from the next argument.
        return command.Parse([.. args.SelectMany(a => a.IndexOf('=') == a.Length - 1 && a.StartsWith("--", StringComparison.Ordinal) ? (string[])[a[..^1], ""] : [a])],
            new ParserConfiguration { ResponseFileTokenReplacer = null });
    }

    private static async Task<int> RunAsync(ParseResult parsed)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var (options, fault) = Read(parsed, Environment.GetEnvironmentVariable);
        if (options is null)
        {
            return await RefuseAsync(error, fault).ConfigureAwait(false);
        }

        if (parsed.GetValue<bool>(RemoveNetwork))
        {
            return await RemoveNetworkAsync(options, error).ConfigureAwait(false);
        }

        if (!parsed.GetValue<bool>(PrintSettings))
        {
            return await Host.RunAsync(options).ConfigureAwait(false);
        }

        if (Pki.Validate(options.DataDir, options.Join, options.IsControl, options.MayBootstrap) is { } invalid)
        {
            return await RefuseAsync(error, invalid).ConfigureAwait(false);
        }

        await output.WriteLineAsync(options.Print()).ConfigureAwait(false);
        return 0;
    }

    private static async Task<int> RemoveNetworkAsync(NodeOptions options, TextWriter error)
    {
        if (!Installation.Exists(options.DataDir) || !Environment.IsPrivilegedProcess)
        {
            return 0; // It has made none.
        }

        using var bound = new CancellationTokenSource(RemovalBound);
        try
        {
            var installation = Installation.Of(options.DataDir);
            await PodNetworks.Cni(options.PodNetwork, installation, Agents.NetworkFolder(options), TimeProvider.System).RemoveAllAsync(bound.Token).ConfigureAwait(false);
            await NodeNetwork.RemoveAsync(NetworkNames.Of(installation), bound.Token).ConfigureAwait(false);
            return 0;
        }
        catch (Exception e) when (e is NetworkException or OperationCanceledException)
        {
            await error.WriteLineAsync($"{Name}: the network of the pods could not be removed completely: {e.Message}").ConfigureAwait(false);
            return 1;
        }
    }

    private static (NodeOptions? Options, string? Error) Read(ParseResult parsed, Func<string, string?> environment) =>
        NodeOptions.Read(name => parsed.GetValue<string?>($"--{name}"), environment);

    private static string? Fault(ParseResult parsed) => parsed switch
    {
        { Action: HelpAction } => null,
        _ when Stranger(parsed) is { } stranger => $"{stranger} is not an option; options are --config, --{string.Join(", --", NodeOptions.Names)}",
        { Errors: [{ SymbolResult: OptionResult { Tokens: [], Option: Option<string?> option } }, ..] } => $"{option.Name} needs a value",
        { Errors: [var other, ..] } => other.Message,
        _ => null,
    };

    // The parser ignores directives, such as [suggest], that a command does not have.
    private static string? Stranger(ParseResult parsed) => parsed.Tokens.FirstOrDefault(t => t.Type == TokenType.Directive)?.Value ?? parsed.UnmatchedTokens.FirstOrDefault();

    private static async Task<int> RefuseAsync(TextWriter error, string? fault)
    {
        await error.WriteLineAsync($"{Name}: {fault}").ConfigureAwait(false);
        return UsageError;
    }

    private sealed class HelpAction : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(Help);
            return 0;
        }
    }
}
