using System.CommandLine;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc api-resources</c>.</summary>
internal static class ApiResourcesCommand
{
    public static Command Create(Setup setup) =>
        setup.Command("api-resources", "Lists the resource types of the server.", [], ["orc api-resources"], async context =>
        {
            var discovery = await context.DiscoveryAsync();
            new TableWriter(context.Out).Write(["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"],
                [.. discovery.Types.Select(t => (string[])[t.Plural, string.Join(',', t.ShortNames), t.ApiVersion, t.IsNamespaced ? "true" : "false", t.Kind])]);
            return ExitCodes.Ok;
        });
}
