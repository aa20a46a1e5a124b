using System.CommandLine;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc completion</c>: prints completion scripts that call orc for suggestions.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # Load with: source <(orc completion bash)
        _orc() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(orc "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _orc orc
        """;

    private const string Zsh = """
        #compdef orc
        # Load with: source <(orc completion zsh)
        _orc() {
            local -a found
            found=("${(@f)$(orc "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -- "${found[@]}"
        }
        compdef _orc orc
        """;

    private const string Fish = """
        # Load with: orc completion fish | source
        complete -c orc -f -a '(orc "[suggest:"(string length -- (commandline -cp))"]" (commandline -cp) 2>/dev/null)'
        """;

    public static Command Create(Setup setup)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        return setup.Command("completion", "Prints a script that enables completion in a shell.", [shell],
        [
            "source <(orc completion bash)",
            "source <(orc completion zsh)",
            "orc completion fish | source",
        ], async context =>
        {
            await context.Out.WriteLineAsync(context.Get(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
            return ExitCodes.Ok;
        });
    }
}
