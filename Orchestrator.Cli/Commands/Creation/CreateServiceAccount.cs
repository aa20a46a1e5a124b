using System.CommandLine;

namespace Orchestrator.Cli.Commands.Creation;

/// <summary><c>orc create serviceaccount</c>.</summary>
internal static class CreateServiceAccount
{
    public static Command Create(Creator creator) => creator.Of(("serviceaccount", "sa"), "Creates a service account.", [], ["orc create serviceaccount robot"],
        (_, name) => Draft.Of("v1", "ServiceAccount", name));
}
