using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Kinds.Jobs;

public sealed class JobStrategySpec
{
    [Fact]
    public void A_new_job_is_completed_with_the_selector_and_labels_of_its_uid_and_name()
    {
        var job = Created("""{"template":{"metadata":{"labels":{"app":"a"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}""").ToNode();
        var labels = new JsonObject
        {
            ["app"] = "a",
            ["batch.kubernetes.io/controller-uid"] = "new-uid",
            ["batch.kubernetes.io/job-name"] = "work",
            ["controller-uid"] = "new-uid",
            ["job-name"] = "work",
        };
        var spec = job["spec"]!;
        Same(labels, spec["template"]!["metadata"]!["labels"]);
        Same(labels, job["metadata"]!["labels"]);
        Same(new JsonObject { ["matchLabels"] = new JsonObject { ["batch.kubernetes.io/controller-uid"] = "new-uid" } }, spec["selector"]);
        Assert.Equal((1, 1, 6, "NonIndexed", "TerminatingOrFailed"),
            ((int)spec["completions"]!, (int)spec["parallelism"]!, (int)spec["backoffLimit"]!, (string?)spec["completionMode"], (string?)spec["podReplacementPolicy"]));
    }

    [Fact]
    public void A_manual_selector_is_kept()
    {
        var job = Created("""{"manualSelector":true,"selector":{"matchLabels":{"app":"a"}},"template":{"metadata":{"labels":{"app":"a"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}""").ToNode();
        Same(new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "a" } }, job["spec"]!["selector"]);
        Same(new JsonObject { ["app"] = "a" }, job["spec"]!["template"]!["metadata"]!["labels"]);
    }

    [Theory]
    [InlineData("""{"completions":-1}""", "spec.completions", "must be greater than or equal to 0")]
    [InlineData("""{"completionMode":"Sorted"}""", "spec.completionMode", "Unsupported value: \"Sorted\": supported values: \"NonIndexed\", \"Indexed\"")]
    [InlineData("""{"completionMode":"Indexed","parallelism":2}""", "spec.completions", "Required value: when completion mode is Indexed")]
    [InlineData("""{"completionMode":"Indexed","completions":1,"parallelism":100001}""", "spec.parallelism", "must be less than or equal to 100000 when completion mode is Indexed")]
    [InlineData("""{"completionMode":"Indexed","completions":1,"backoffLimitPerIndex":1,"maxFailedIndexes":2}""", "spec.maxFailedIndexes", "must be less than or equal to completions")]
    [InlineData("""{"completionMode":"Indexed","completions":100001,"backoffLimitPerIndex":1}""", "spec.maxFailedIndexes", "Required value: must be specified when completions is above 100000")]
    [InlineData("""{"backoffLimitPerIndex":1}""", "spec.backoffLimitPerIndex", "requires indexed completion mode")]
    [InlineData("""{"completionMode":"Indexed","completions":1,"maxFailedIndexes":1}""", "spec.backoffLimitPerIndex", "Required value: when maxFailedIndexes is specified")]
    [InlineData("""{"podReplacementPolicy":"Never"}""", "spec.podReplacementPolicy", "supported values: \"Failed\", \"TerminatingOrFailed\"")]
    [InlineData("""{"podFailurePolicy":{"rules":[]},"podReplacementPolicy":"TerminatingOrFailed"}""", "spec.podReplacementPolicy", "supported values: \"Failed\"")]
    [InlineData("""{"podFailurePolicy":{"rules":[]},"template":{"spec":{"restartPolicy":"OnFailure"}}}""", "spec.template.spec.restartPolicy", "only \"Never\" is supported when podFailurePolicy is specified")]
    [InlineData("""{"template":{"spec":{"restartPolicy":"Always"}}}""", "spec.template.spec.restartPolicy", "Required value: valid values: \"OnFailure\", \"Never\"")]
    [InlineData("""{"template":{"spec":{"restartPolicy":null}}}""", "spec.template.spec.restartPolicy", "Required value: valid values: \"OnFailure\", \"Never\"")]
    [InlineData("""{"selector":{"matchLabels":{"app":"a"}}}""", "spec.selector", "`selector` not auto-generated")]
    [InlineData("""{"selector":{"matchLabels":{"batch.kubernetes.io/controller-uid":"exported"}}}""", "spec.selector", "`selector` not auto-generated")]
    [InlineData("""{"template":{"metadata":{"labels":{"controller-uid":"exported"}}}}""", "spec.template.metadata.labels[controller-uid]", "must be the uid of the job")]
    [InlineData("""{"template":{"metadata":{"labels":{"job-name":"other"}}}}""", "spec.template.metadata.labels[job-name]", "must be 'work'")]
    [InlineData("""{"manualSelector":true}""", "spec.selector", "Required value")]
    [InlineData("""{"manualSelector":true,"selector":{"matchLabels":{"app":"b"}}}""", "spec.template.metadata.labels", "`selector` does not match template `labels`")]
    [InlineData("""{"managedBy":"me"}""", "spec.managedBy", "must be a domain-prefixed path (such as \"acme.io/foo\")")]
    [InlineData("""{"podFailurePolicy":{"rules":[{"action":"Maybe","onExitCodes":{"operator":"In","values":[1]}}]}}""", "spec.podFailurePolicy.rules[0].action", "supported values: \"Count\", \"FailIndex\", \"FailJob\", \"Ignore\"")]
    [InlineData("""{"podFailurePolicy":{"rules":[{"action":"FailIndex","onExitCodes":{"operator":"In","values":[1]}}]}}""", "spec.podFailurePolicy.rules[0].action", "requires the backoffLimitPerIndex to be set")]
    [InlineData("""{"podFailurePolicy":{"rules":[{"action":"Count"}]}}""", "spec.podFailurePolicy.rules[0]", "specifying one of OnExitCodes and OnPodConditions is required")]
    [InlineData("""{"podFailurePolicy":{"rules":[{"action":"Count","onExitCodes":{"operator":"In","values":[1]},"onPodConditions":[{"type":"A"}]}]}}""", "spec.podFailurePolicy.rules[0]", "specifying both OnExitCodes and OnPodConditions is not supported")]
    [InlineData("""{"podFailurePolicy":{"rules":[{"action":"Count","onExitCodes":{"operator":"Is","values":[1]}}]}}""", "spec.podFailurePolicy.rules[0].onExitCodes.operator", "supported values: \"In\", \"NotIn\"")]
    [InlineData("""{"podFailurePolicy":{"rules":[{"action":"Count","onExitCodes":{"operator":"In","values":[]}}]}}""", "spec.podFailurePolicy.rules[0].onExitCodes.values", "at least one value is required")]
    [InlineData("""{"podFailurePolicy":{"rules":[{"action":"Count","onExitCodes":{"operator":"In","values":[0]}}]}}""", "spec.podFailurePolicy.rules[0].onExitCodes.values[0]", "must not be 0 for the In operator")]
    [InlineData("""{"podFailurePolicy":{"rules":[{"action":"Count","onExitCodes":{"operator":"In","values":[2,1]}}]}}""", "spec.podFailurePolicy.rules[0].onExitCodes.values", "must be ordered")]
    [InlineData("""{"podFailurePolicy":{"rules":[{"action":"Count","onExitCodes":{"operator":"In","values":[1,1]}}]}}""", "spec.podFailurePolicy.rules[0].onExitCodes.values[1]", "Duplicate value: 1")]
    [InlineData("""{"podFailurePolicy":{"rules":[{"action":"Count","onExitCodes":{"containerName":"x","operator":"In","values":[1]}}]}}""", "spec.podFailurePolicy.rules[0].onExitCodes.containerName", "must be one of the container or initContainer names in the pod template")]
    [InlineData("""{"podFailurePolicy":{"rules":[{"action":"Count","onPodConditions":[{"type":"A","status":"Maybe"}]}]}}""", "spec.podFailurePolicy.rules[0].onPodConditions[0].status", "supported values: \"False\", \"True\", \"Unknown\"")]
    [InlineData("""{"successPolicy":{"rules":[{"succeededCount":1}]}}""", "spec.successPolicy", "requires indexed completion mode")]
    [InlineData("""{"completionMode":"Indexed","completions":3,"successPolicy":{"rules":[]}}""", "spec.successPolicy.rules", "at least one rules must be specified when the successPolicy is specified")]
    [InlineData("""{"completionMode":"Indexed","completions":3,"successPolicy":{"rules":[{}]}}""", "spec.successPolicy.rules[0]", "at least one of succeededCount or succeededIndexes must be specified")]
    [InlineData("""{"completionMode":"Indexed","completions":3,"successPolicy":{"rules":[{"succeededIndexes":"1,3"}]}}""", "spec.successPolicy.rules[0].succeededIndexes", "error parsing succeededIndexes")]
    [InlineData("""{"completionMode":"Indexed","completions":3,"successPolicy":{"rules":[{"succeededIndexes":"b"}]}}""", "spec.successPolicy.rules[0].succeededIndexes", "error parsing succeededIndexes")]
    [InlineData("""{"completionMode":"Indexed","completions":3,"successPolicy":{"rules":[{"succeededCount":4}]}}""", "spec.successPolicy.rules[0].succeededCount", "must be less than or equal to 3 (the number of specified completions)")]
    [InlineData("""{"completionMode":"Indexed","completions":3,"successPolicy":{"rules":[{"succeededIndexes":"0,1","succeededCount":3}]}}""", "spec.successPolicy.rules[0].succeededCount", "must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)")]
    public void A_wrong_job_is_refused_with_the_field(string change, string field, string message)
    {
        var spec = (JsonObject)JsonNode.Parse("""{"template":{"metadata":{"labels":{"app":"a"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}""")!;
        JsonMerge.Apply(spec, (JsonObject)JsonNode.Parse(change)!);
        var job = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "work", ["namespace"] = "default", ["uid"] = "exported" }, ["spec"] = JsonMerge.Apply(spec, (JsonObject)JsonNode.Parse(change)!) };
        var error = Admitter.Create(JobDefinition.Instance, job, NoObjects.Instance);
        Assert.Contains(error?.Causes ?? [], c => c.Field == field && c.Message.Contains(message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(58, 10_000, null)]
    [InlineData(58, 10_001, "metadata.name")]
    public void The_pods_of_an_indexed_job_must_have_valid_hostnames(int length, int completions, string? field)
    {
        var job = (JsonObject)JsonNode.Parse($$$"""
            {"metadata":{"name":"{{{new string('a', length)}}}","namespace":"default"},"spec":{"completionMode":"Indexed","completions":{{{completions}}},
             "template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]} } } }
            """)!;
        Assert.Equal(field, Admitter.Create(JobDefinition.Instance, job, NoObjects.Instance)?.Causes.Single().Field);
    }

    [Theory]
    [InlineData("""{"completions":3}""", "spec.completions")]
    [InlineData("""{"completionMode":"Indexed"}""", "spec.completionMode")]
    [InlineData("""{"selector":{"matchLabels":{"a":"b"}}}""", "spec.selector")]
    [InlineData("""{"template":{"spec":{"nodeSelector":{"a":"b"}}}}""", "spec.template")]
    [InlineData("""{"podFailurePolicy":{"rules":[]},"podReplacementPolicy":"Failed"}""", "spec.podFailurePolicy")]
    [InlineData("""{"parallelism":3,"backoffLimit":1,"suspend":true,"activeDeadlineSeconds":9,"ttlSecondsAfterFinished":9}""", null)]
    public void What_a_job_is_for_cannot_be_changed(string change, string? field) => Assert.Equal(field, Refused("{}", change));

    [Theory]
    [InlineData("""{"completions":3,"parallelism":3}""", null)]
    [InlineData("""{"completions":3}""", "spec.completions")]
    public void An_indexed_job_changes_its_size_in_completions_and_parallelism(string change, string? field) =>
        Assert.Equal(field, Refused("""{"completionMode":"Indexed","completions":2,"parallelism":2}""", change));

    [Theory]
    [InlineData("""{"template":{"spec":{"nodeSelector":{"a":"b"},"tolerations":[{"operator":"Exists"}]},"metadata":{"annotations":{"a":"b"}}}}""", null)]
    [InlineData("""{"template":{"spec":{"terminationGracePeriodSeconds":1}}}""", "spec.template")]
    public void A_job_that_was_never_started_may_change_where_its_pods_go(string change, string? field) => Assert.Equal(field, Refused("""{"suspend":true}""", change));

    private static string? Refused(string first, string change)
    {
        var current = Created(JsonMerge.Apply((JsonObject)JsonNode.Parse("""{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}""")!, (JsonObject)JsonNode.Parse(first)!).ToJsonString());
        var o = JsonMerge.Apply(current.ToNode(), new JsonObject { ["spec"] = JsonNode.Parse(change) });
        return Admitter.Update(JobDefinition.Instance, o, current, NoObjects.Instance)?.Causes.FirstOrDefault()?.Field;
    }

    private static KubeObject Created(string spec)
    {
        var create = new CreateObject(JobDefinition.Instance.Key("default", "work"), new JsonObject { ["metadata"] = new JsonObject { ["name"] = "work", ["namespace"] = "default" }, ["spec"] = JsonNode.Parse(spec) }, "user");
        var decision = AdmittedDecider.Decide(JobDefinition.Instance, null, create, new DecideContext(DateTimeOffset.UnixEpoch, "new-uid"));
        Assert.Null(decision.Error);
        return Orchestrator.Actors.Journal.ObjectState.Apply(JobDefinition.Instance, null, decision.Events.Single() with { Revision = 7 })!;
    }

    private static void Same(JsonNode expected, JsonNode? actual) => Assert.True(JsonNode.DeepEquals(expected, actual), actual?.ToJsonString());
}
