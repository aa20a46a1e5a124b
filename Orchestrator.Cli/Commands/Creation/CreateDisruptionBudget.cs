using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands.Creation;

/// <summary><c>orc create poddisruptionbudget</c>.</summary>
internal static class CreateDisruptionBudget
{
    public static Command Create(Creator creator)
    {
        var selector = Setup.Text("Labels of the pods, such as app=web", "labels", "--selector");
        selector.Required = true;
        var least = Setup.Text("How many pods must be available: a number or a percentage", "count", "--min-available");
        var most = Setup.Text("How many pods may be unavailable: a number or a percentage", "count", "--max-unavailable");
        return creator.Of(("poddisruptionbudget", "pdb"), "Creates a disruption budget for pods.", [selector, least, most],
            ["orc create pdb web --selector=app=web --min-available=2", "orc create pdb web --selector=app=web --max-unavailable=25%"], (context, name) =>
                (context.Get(least) is null) == (context.Get(most) is null)
                    ? throw new UsageException("Give the budget one bound: either --min-available or --max-unavailable.")
                    : Draft.Of("policy/v1", "PodDisruptionBudget", name, ("spec", Draft.Fields(
                        ("minAvailable", Count(context.Get(least))),
                        ("maxUnavailable", Count(context.Get(most))),
                        ("selector", new JsonObject { ["matchLabels"] = Pairs.List(context.Get(selector), "--selector", "app=web") })))));
    }

    private static JsonValue? Count(string? text) => text is null ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number) : JsonValue.Create(text);
}
