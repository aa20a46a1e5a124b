using System.Globalization;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.CronJobs;

/// <summary>The jobs of a cron job. The name and an annotation tell for which time a job was made.</summary>
internal static class ScheduledJobs
{
    private const string ScheduledTimestamp = "batch.kubernetes.io/cronjob-scheduled-timestamp";

    /// <summary>Returns the name of the job of a time: that of the cron job, and the minutes since 1970.</summary>
    public static string NameOf(V1CronJob cron, DateTimeOffset time) =>
        string.Create(CultureInfo.InvariantCulture, $"{cron.Metadata.Name}-{time.ToUnixTimeSeconds() / 60}");

    /// <summary>Returns the time for which a job was made, UTC; null if no schedule made it.</summary>
    public static DateTime? TimeOf(V1Job job) =>
        job.Metadata.Annotations is { } annotations && annotations.TryGetValue(ScheduledTimestamp, out var text) ? KubeTime.Read(text)?.UtcDateTime : null;

    /// <summary>Returns the job of a time.</summary>
    public static V1Job NewJob(V1CronJob cron, DateTimeOffset time)
    {
        var template = Models.Copy(cron.Spec.JobTemplate);
        var local = TimeZoneInfo.ConvertTime(time, TimeZones.Of(cron.Spec.TimeZone));
        return new V1Job
        {
            ApiVersion = JobDefinition.Instance.ApiVersion,
            Kind = JobDefinition.Instance.Kind,
            Metadata = new V1ObjectMeta
            {
                Name = NameOf(cron, time),
                NamespaceProperty = cron.Metadata.NamespaceProperty,
                Labels = template.Metadata?.Labels,
                Annotations = new Dictionary<string, string>(template.Metadata?.Annotations ?? new Dictionary<string, string>())
                {
                    [ScheduledTimestamp] = local.Offset == TimeSpan.Zero ? KubeTime.Text(local) : local.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture),
                },
                OwnerReferences = [ControllerRefs.ReferenceTo(CronJobDefinition.Instance.ApiVersion, CronJobDefinition.Instance.Kind, cron.Metadata)],
            },
            Spec = template.Spec,
        };
    }

    /// <summary>Returns the entry of a job in <c>status.active</c>.</summary>
    public static V1ObjectReference ReferenceTo(V1Job job) => new()
    {
        ApiVersion = JobDefinition.Instance.ApiVersion,
        Kind = JobDefinition.Instance.Kind,
        Name = job.Metadata.Name,
        NamespaceProperty = job.Metadata.NamespaceProperty,
        Uid = job.Metadata.Uid,
        ResourceVersion = job.Metadata.ResourceVersion,
    };
}
