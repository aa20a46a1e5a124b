namespace Orchestrator.Cli.Output;

/// <summary>Colours of states: green for healthy, yellow for transient, red for failed; other cells keep the default colour.</summary>
internal static class Colours
{
    public const string Reset = "\u001b[0m";
    public const string Red = "\u001b[31m";
    private const string Green = "\u001b[32m";
    private const string Yellow = "\u001b[33m";

    public static string? Of(string cell) => cell switch
    {
        "Running" or "Ready" or "Active" or "Completed" or "Succeeded" or "Available" => Green,
        "Pending" or "ContainerCreating" or "Terminating" or "PodInitializing" or "Warning" or "Unknown" => Yellow,
        "Failed" or "Error" or "CrashLoopBackOff" or "ImagePullBackOff" or "ErrImagePull" or "OOMKilled" or "Evicted" or "NotReady"
            or "ErrImageNeverPull" or "CreateContainerError" or "CreateContainerConfigError" or "RunContainerError" => Red,
        _ when cell.EndsWith(",SchedulingDisabled", StringComparison.Ordinal) => Yellow,
        _ => null,
    };
}
