namespace Orchestrator.Node.Docker;

/// <summary>Labels that identify containers.</summary>
internal static class DockerLabels
{
    public const string Node = "orchestrator.io/node";
    public const string Installation = "orchestrator.io/installation";
    public const string Kind = "orchestrator.io/kind";
    public const string PodName = "io.kubernetes.pod.name";
    public const string PodNamespace = "io.kubernetes.pod.namespace";
    public const string PodUid = "io.kubernetes.pod.uid";
    public const string Container = "io.kubernetes.container.name";
    public const string Attempt = "io.kubernetes.container.restartCount";
    public const string MessageFromLog = "orchestrator.io/message-from-log";

    /// <summary>CPU and memory that a container was created with: the numbers of <see cref="Agent.Launch.ContainerResources"/>. Labels do not change, so it tells them apart from what it has now.</summary>
    public const string Resources = "orchestrator.io/resources";

    /// <summary>Digest of all that a container was created with, but for this label.</summary>
    public const string Digest = "orchestrator.io/digest";

    public const string Sandbox = "sandbox";
}
