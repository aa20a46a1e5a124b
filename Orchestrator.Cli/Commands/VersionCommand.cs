using System.CommandLine;
using System.Reflection;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc version</c>.</summary>
internal static class VersionCommand
{
    public static string Client { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static Command Create(Setup setup)
    {
        var isClientOnly = Setup.Switch("Show only the version of orc", "--client");
        return setup.Command("version", "Shows the versions of orc and of the server.", [isClientOnly], ["orc version", "orc version --client"], async context =>
        {
            context.Out.WriteLine($"Client Version: v{Client}");
            if (!context.Get(isClientOnly))
            {
                var server = await context.Client.GetAsync("/version", context.Cancellation);
                context.Out.WriteLine($"Server Version: {server.Text("gitVersion")}");
            }

            return ExitCodes.Ok;
        });
    }
}
