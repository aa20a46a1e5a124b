using System.CommandLine;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc set</c>: fields of containers.</summary>
internal static class SetCommand
{
    public static Command Create(Setup setup) => setup.Command("set", "Changes a field of objects.", [SetImage.Create(setup), SetResources.Create(setup), SetEnvironment.Create(setup)],
    [
        "orc set image deploy/web web=orchestrator/sample:2",
        "orc set resources deploy/web --requests=cpu=200m",
        "orc set env deploy/web LEVEL=debug",
    ]);

    /// <summary>The option that names containers.</summary>
    public static Option<string?> Containers() => Setup.Text("Only these containers, with commas between (default: all but init containers)", "names", "--containers", "-c");

    /// <summary>The containers of the option; empty without it.</summary>
    public static string[] Names(CommandContext context, Option<string?> containers) =>
        (context.Get(containers) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
