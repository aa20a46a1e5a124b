using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>Makes the pods of a job.</summary>
internal static class JobTemplate
{
    // A generated name has at most 63 characters, five of which are its suffix.
    private const int MaxPrefix = 58;

    /// <summary>Returns a pod of the job, with the tracking finalizer.</summary>
    public static V1Pod NewPod(V1Job job)
    {
        var pod = TemplatedPods.NewPod(JobDefinition.Instance, job.Metadata, job.Spec.Template);
        var tracking = JobDefinition.Instance.TrackingFinalizer!;
        pod.Metadata.Finalizers = [.. (pod.Metadata.Finalizers ?? []).Where(f => f != tracking), tracking];
        return pod;
    }

    /// <summary>Returns a name for a pod of the job.</summary>
    public static string NewName(string job, string suffix)
    {
        var prefix = $"{job}-";
        return (prefix.Length > MaxPrefix ? prefix[..MaxPrefix] : prefix) + suffix;
    }
}
