namespace Orchestrator.Tests.Kit;

/// <summary>A test that is skipped without root.</summary>
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() => Skip = Environment.IsPrivilegedProcess ? null : "Not root: nothing can be mounted.";
}

/// <summary>A test with rows that is skipped without root.</summary>
internal sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute() => Skip = Environment.IsPrivilegedProcess ? null : "Not root: no file can be given away.";
}
