using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>Makes the pods of a job.</summary>
internal static class JobTemplate
{
    // A generated name has at most 63 characters, five of which are its suffix.
    private const int MaxPrefix = 58;

    private const string Index = "batch.kubernetes.io/job-completion-index";
    private const string IndexVariable = "JOB_COMPLETION_INDEX";
    private const string IndexFailures = "batch.kubernetes.io/job-index-failure-count";
    private const string IgnoredIndexFailures = "batch.kubernetes.io/job-index-ignored-failure-count";

    /// <summary>Returns a pod of the job, with the tracking finalizer.</summary>
    public static V1Pod NewPod(V1Job job)
    {
        var pod = TemplatedPods.NewPod(JobDefinition.Instance, job.Metadata, job.Spec.Template);
        var tracking = JobDefinition.Instance.TrackingFinalizer!;
        pod.Metadata.Finalizers = [.. (pod.Metadata.Finalizers ?? []).Where(f => f != tracking), tracking];
        if (job.Spec.CompletionMode == "Indexed")
        {
            foreach (var container in (pod.Spec.InitContainers ?? []).Concat(pod.Spec.Containers).Where(c => c.Env?.Any(e => e.Name == IndexVariable) != true))
            {
                container.Env = [.. container.Env ?? [], new V1EnvVar
                {
                    Name = IndexVariable,
                    ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = $"metadata.labels['{Index}']" } },
                }];
            }
        }

        return pod;
    }

    /// <summary>Returns the pods to create. Admission runs once for all of them; if it refuses, one is returned that is not admitted, so that its entity
    /// tells the reason.</summary>
    public static IEnumerable<(ObjectKey Key, JsonObject Pod, bool IsAdmitted)> NewPods(V1Job job, IReadOnlyList<NewPod> wanted, IAdmissionView view, Func<string> newSuffix)
    {
        if (wanted.Count == 0)
        {
            yield break;
        }

        var (template, error) = TemplatedPods.Admit(NewPod(job), view);
        foreach (var pod in error is null ? wanted : wanted.Take(1))
        {
            var key = PodDefinition.Instance.Key(job.Metadata.NamespaceProperty, NewName(job.Metadata.Name, pod.Index) + newSuffix());
            yield return (key, pod.Index is null ? template : Indexed(job, template, pod), error is null);
        }
    }

    private static JsonObject Indexed(V1Job job, JsonObject template, NewPod wanted)
    {
        var pod = (JsonObject)template.DeepClone();
        var (metadata, index) = (JsonFilling.Child(pod, "metadata"), Text(wanted.Index!.Value));
        var annotations = JsonFilling.Child(metadata, "annotations");
        annotations[Index] = index;
        JsonFilling.Child(metadata, "labels")[Index] = index;
        JsonFilling.Child(pod, "spec")["hostname"] = $"{job.Metadata.Name}-{index}";
        if (job.Spec.BackoffLimitPerIndex is not null)
        {
            annotations[IndexFailures] = Text(wanted.Failures);
            if (wanted.IgnoredFailures > 0)
            {
                annotations[IgnoredIndexFailures] = Text(wanted.IgnoredFailures);
            }
        }

        return pod;
    }

    // The name without its suffix. If it is too long, the name of the job is cut.
    private static string NewName(string job, int? index)
    {
        var end = index is { } i ? $"-{Text(i)}-" : "-";
        return job[..Math.Min(job.Length, MaxPrefix - end.Length)] + end;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
