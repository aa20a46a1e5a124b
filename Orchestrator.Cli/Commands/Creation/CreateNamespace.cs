using System.CommandLine;

namespace Orchestrator.Cli.Commands.Creation;

/// <summary><c>orc create namespace</c>.</summary>
internal static class CreateNamespace
{
    public static Command Create(Creator creator) => creator.Of(("namespace", "ns"), "Creates a namespace.", [], ["orc create namespace shop"],
        (_, name) => Draft.Of("v1", "Namespace", name));
}
