using System.CommandLine;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands.Creation;

/// <summary>The options <c>--requests</c> and <c>--limits</c> of a container.</summary>
internal sealed class ResourceOptions
{
    private const string Example = "cpu=200m,memory=512Mi";
    private readonly Option<string?> _requests = Setup.Text("What is reserved for the container, such as cpu=200m,memory=512Mi", "amounts", "--requests");
    private readonly Option<string?> _limits = Setup.Text("What the container may use at most, such as cpu=1,memory=1Gi", "amounts", "--limits");

    public Option[] Options => [_requests, _limits];

    /// <summary>The field <c>resources</c>; empty without the options.</summary>
    public JsonObject Of(CommandContext context) => Draft.Fields(
        ("requests", Pairs.List(context.Get(_requests), "--requests", Example)),
        ("limits", Pairs.List(context.Get(_limits), "--limits", Example)));
}
