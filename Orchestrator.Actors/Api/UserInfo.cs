using System.Collections.Immutable;

namespace Orchestrator.Actors.Api;

/// <summary>Who asks (Kubernetes, "Authenticating").</summary>
/// <param name="Name">The user's name.</param>
/// <param name="Groups">The groups that the user is in.</param>
public sealed record UserInfo(string Name, ImmutableArray<string> Groups)
{
    /// <summary>The group that may do everything.</summary>
    public const string Masters = "system:masters";
}
