namespace Orchestrator.Tests.Kit;

/// <summary>A test of what only root can do.</summary>
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() => Skip = Environment.IsPrivilegedProcess ? null : "Not root: nothing can be mounted.";
}
