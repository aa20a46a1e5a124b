namespace Orchestrator.Node.Agent.Pods;

/// <summary>What the actor of a pod tells its entity.</summary>
internal enum PodCommand
{
    /// <summary>Its status and Events.</summary>
    Report,

    /// <summary>That nothing of it is left on the host.</summary>
    Confirm,
}
