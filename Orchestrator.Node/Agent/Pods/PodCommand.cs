namespace Orchestrator.Node.Agent.Pods;

/// <summary>Commands that the actor of a pod sends to its entity.</summary>
internal enum PodCommand
{
    /// <summary>Reports status and Events.</summary>
    Report,

    /// <summary>Confirms that the pod is removed from the host.</summary>
    Confirm,
}
