using System.CommandLine;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands.Creation;

/// <summary><c>orc create quota</c>.</summary>
internal static class CreateQuota
{
    public static Command Create(Creator creator)
    {
        var hard = Setup.Text("What the namespace may use at most, such as cpu=4,pods=10", "amounts", "--hard");
        var scopes = Setup.Text("Which objects count, such as BestEffort,NotTerminating", "names", "--scopes");
        return creator.Of(("quota", "resourcequota"), "Creates a resource quota.", [hard, scopes],
            ["orc create quota small --hard=cpu=4,memory=8Gi,pods=10", "orc create quota idle --hard=pods=100 --scopes=BestEffort"], (context, name) =>
                Draft.Of("v1", "ResourceQuota", name, ("spec", Draft.Fields(
                    ("hard", Pairs.List(context.Get(hard), "--hard", "cpu=4,pods=10")),
                    ("scopes", new JsonArray([.. (context.Get(scopes) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(s => JsonValue.Create(s))]))))));
    }
}
