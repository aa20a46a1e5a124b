namespace Orchestrator.Node.Agent.Launch;

/// <summary>A volume of a pod cannot be provided, so the pod does not begin (Kubernetes: the event FailedMount).</summary>
internal sealed class VolumeException(string message) : LaunchException(message);
