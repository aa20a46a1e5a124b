using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Tests.Api;

/// <summary>What an event records of a patch, and what the folds of a host share.</summary>
public class EffectivePatchSpec
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""", null)]
    [InlineData("""{"a":1}""", """{"a":2,"b":null}""", """{"a":2}""")]
    [InlineData("""{"a":{"x":1,"y":2}}""", """{"a":{"x":1,"y":3}}""", """{"a":{"y":3}}""")]
    [InlineData("""{"a":{"x":1}}""", """{"a":{"x":null}}""", """{"a":{"x":null}}""")]
    [InlineData("""{"a":1}""", """{"a":{"x":1,"y":null}}""", """{"a":{"x":1}}""")]
    [InlineData("""{"a":[1,{"x":1}]}""", """{"a":[1,{"x":1,"y":null}]}""", null)]
    [InlineData("""{}""", """{"a":{}}""", """{"a":{}}""")]
    public void Only_what_changes_the_document_is_recorded(string document, string patch, string? expected)
    {
        var delta = JsonMerge.Effective(Parse(document), Parse(patch));
        Assert.Equal(expected, delta?.ToJsonString());
        Assert.Equal(
            JsonMerge.WithoutNulls(JsonMerge.Apply(Parse(document), Parse(patch))).ToJsonString(),
            JsonMerge.Apply(Parse(document), delta ?? []).ToJsonString());
    }

    [Fact]
    public void An_event_is_folded_once_for_entity_and_cache()
    {
        var created = Event("created", """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"default","uid":"u","labels":{"app":"a"}},"spec":{}}""", 1);
        var first = ObjectState.Apply(PodDefinition.Instance, null, created);
        Assert.Same(first, ObjectState.Apply(PodDefinition.Instance, null, created));
        var bound = Event("scheduled", """{"spec":{"nodeName":"n1"},"status":{"phase":"Pending"}}""", 2);
        var second = ObjectState.Apply(PodDefinition.Instance, first, bound)!;
        Assert.Same(second, ObjectState.Apply(PodDefinition.Instance, first, bound));
        Assert.Equal(("n1", "Pending", 2L, "a", "u"), (second.NodeName, second.Phase, second.Revision, second.Labels["app"], second.Uid));
        bound.Revision = 3;
        Assert.Equal(3, ObjectState.Apply(PodDefinition.Instance, first, bound)!.Revision);
        Assert.Equal(bound, bound with { });
    }

    [Fact]
    public void A_version_under_another_revision_says_so_in_its_json()
    {
        var pod = ObjectState.Apply(PodDefinition.Instance, null, Event("created", """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"default","uid":"u"},"spec":{}}""", 1))!;
        Assert.Equal("9", pod.At(9).ToNode()["metadata"]!["resourceVersion"]!.GetValue<string>());
    }

    [Fact]
    public void An_outline_has_what_controllers_judge_by()
    {
        var pod = KubeObject.From(PodDefinition.Instance, Parse("""
            {"metadata":{"name":"a","namespace":"default","uid":"u","creationTimestamp":"2026-01-02T03:04:05Z","labels":{"app":"a"},"annotations":{"controller.kubernetes.io/pod-deletion-cost":"7"},
             "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"r","uid":"o","controller":true,"blockOwnerDeletion":true}]},
             "spec":{"nodeName":"n1","containers":[{"name":"c","image":"i"}]},
             "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-01-02T03:04:06Z"}],"containerStatuses":[{"name":"c","restartCount":2}]}}
            """));
        var (outline, whole) = (PodOutline.Of(pod), pod.As<k8s.Models.V1Pod>());
        Assert.Equal((true, true, whole.Status.Conditions[0].LastTransitionTime), (outline.IsActive, outline.IsReady, outline.ReadySince));
        Assert.Equal(whole.Metadata.CreationTimestamp, outline.CreatedAt);
        Assert.Equal((whole.Spec.NodeName, 7, "o", 2), (outline.Object.NodeName, outline.DeletionCost, outline.Object.Controller!.Uid, outline.Restarts));
    }

    private static ObjectEvent Event(string verb, string delta, long revision) =>
        new($"pod.{verb}.1", DateTimeOffset.UnixEpoch, "test", 0, Parse(delta)) { Revision = revision };

    private static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;
}
