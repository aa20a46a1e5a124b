using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.CronJobs;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Kinds.CronJobs;

public sealed class CronJobStrategySpec
{
    [Theory]
    [InlineData("""{"schedule":""}""", "spec.schedule", "Required value")]
    [InlineData("""{"schedule":"* * *"}""", "spec.schedule", "Invalid value: \"* * *\": expected exactly 5 fields, found 3: [* * *]")]
    [InlineData("""{"schedule":"TZ=UTC * * * * *"}""", "spec.schedule", "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")]
    [InlineData("""{"schedule":"CRON_TZ=UTC * * * * *","timeZone":"Etc/UTC"}""", "spec.schedule", "cannot use both timeZone field and TZ or CRON_TZ in schedule")]
    [InlineData("""{"timeZone":"Mars/Olympus"}""", "spec.timeZone", "Invalid value: \"Mars/Olympus\": unknown time zone Mars/Olympus")]
    [InlineData("""{"concurrencyPolicy":"Maybe"}""", "spec.concurrencyPolicy", "supported values: \"Allow\", \"Forbid\", \"Replace\"")]
    [InlineData("""{"startingDeadlineSeconds":-1}""", "spec.startingDeadlineSeconds", "must be greater than or equal to 0")]
    [InlineData("""{"jobTemplate":{"spec":{"manualSelector":true}}}""", "spec.jobTemplate.spec.manualSelector", "supported values: \"nil\", \"false\"")]
    [InlineData("""{"jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Always"}}}}}""", "spec.jobTemplate.spec.template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\"")]
    [InlineData("""{"timeZone":"Europe/Berlin","schedule":"@daily"}""", null, null)]
    public void A_wrong_cron_job_is_refused_with_the_field(string change, string? field, string? message)
    {
        var spec = (JsonObject)JsonNode.Parse("""{"schedule":"* * * * *","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}}""")!;
        var cron = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "tick", ["namespace"] = "default" }, ["spec"] = JsonMerge.Apply(spec, (JsonObject)JsonNode.Parse(change)!) };
        var causes = Admitter.Create(CronJobDefinition.Instance, cron, NoObjects.Instance)?.Causes ?? [];
        Assert.True(field is null ? causes.IsEmpty : causes.Any(c => c.Field == field && c.Message.Contains(message!, StringComparison.Ordinal)), string.Join(", ", causes));
    }
}
