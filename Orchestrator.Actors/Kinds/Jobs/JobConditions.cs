using k8s.Models;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>The conditions of a job (Kubernetes, "Jobs", "Terminal Job conditions").</summary>
internal static class JobConditions
{
    /// <summary>The job succeeded and nothing of it runs.</summary>
    public const string Complete = "Complete";

    /// <summary>The job failed and nothing of it runs.</summary>
    public const string Failed = "Failed";

    /// <summary>The job is suspended; false once it was resumed.</summary>
    public const string Suspended = "Suspended";

    /// <summary>The job has failed; its pods are being ended and counted.</summary>
    public const string FailureTarget = "FailureTarget";

    /// <summary>The job has succeeded; its pods are being ended and counted.</summary>
    public const string SuccessCriteriaMet = "SuccessCriteriaMet";

    /// <summary>Returns a condition of the job if it is true; null otherwise.</summary>
    public static V1JobCondition? True(V1Job job, string type) => job.Status?.Conditions?.FirstOrDefault(c => c.Type == type && c.Status == "True");

    /// <summary>Whether a condition of the job is true.</summary>
    public static bool IsTrue(V1Job job, string type) => True(job, type) is not null;

    /// <summary>Returns the condition with which the job ended; null if it has not.</summary>
    public static V1JobCondition? End(V1Job job) => True(job, Complete) ?? True(job, Failed);

    /// <summary>Sets a condition. One that was never true is not added as false.</summary>
    /// <returns>Whether it changed.</returns>
    public static bool Set(List<V1JobCondition> conditions, V1JobCondition wanted)
    {
        var i = conditions.FindIndex(c => c.Type == wanted.Type);
        if (i < 0 ? wanted.Status == "False" : conditions[i].Status == wanted.Status && conditions[i].Reason == wanted.Reason && conditions[i].Message == wanted.Message)
        {
            return false;
        }

        if (i < 0)
        {
            conditions.Add(wanted);
        }
        else
        {
            conditions[i] = wanted;
        }

        return true;
    }

    /// <summary>Returns a condition that changes now.</summary>
    public static V1JobCondition Of(string type, bool isTrue, string reason, string message, DateTime now) => new()
    {
        Type = type,
        Status = isTrue ? "True" : "False",
        Reason = reason,
        Message = message,
        LastProbeTime = now,
        LastTransitionTime = now,
    };
}
