namespace Orchestrator.Node.Agent.Launch;

/// <summary>A volume of a pod cannot be provided, so the pod does not begin (Kubernetes: the event FailedMount).</summary>
/// <param name="message">Why.</param>
/// <param name="reason">Reason of the event.</param>
internal sealed class VolumeException(string message, string reason = "FailedMount") : LaunchException(message)
{
    /// <summary>Reason of the event.</summary>
    public string Reason => reason;
}
