using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Scheduling;

namespace Orchestrator.Tests.Scheduling;

public sealed class SchedulerSpec
{
    [Fact]
    public void A_pod_that_was_bound_meanwhile_is_not_marked_as_unschedulable()
    {
        var sent = new List<ObjectCommand>();
        var pod = KubeObject.From(PodDefinition.Instance, Encoding.UTF8.GetBytes(
            """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"default","uid":"u","resourceVersion":"7"},"spec":{"containers":[]},"status":{"phase":"Pending"}}"""));
        var cache = new ObjectCache();
        cache.Restore(7, [pod]);
        new Scheduler(cache, TimeProvider.System, (_, command) => sent.Add(command)).Start();
        var mark = Assert.IsType<MergeObject>(Assert.Single(sent));

        var context = new DecideContext(DateTimeOffset.UnixEpoch, "");
        Assert.Null(ObjectDecider.Decide(pod.Kind, pod, mark, context).Error);
        var bound = ObjectDecider.Decide(pod.Kind, pod, new BindPod(pod.Key, "u", "n1", "scheduler"), context).Events[0];
        bound.Revision = 8;
        var after = Actors.Journal.ObjectState.Apply(pod.Kind, pod, bound);
        Assert.Equal(ApiReason.Conflict, ObjectDecider.Decide(pod.Kind, after, mark, context).Error?.Reason);
    }

    [Fact]
    public void A_victim_is_told_why_and_deleted_and_the_pod_names_the_node()
    {
        var (_, sent) = Started(Node(), Pod("peasant", 0, "n1"), Pod("king", 10));
        var told = Assert.IsType<MergeObject>(sent[0]);
        Assert.Equal(("peasant", "PreemptionByScheduler"), (told.Key.Name, (string?)told.Patch["status"]!["conditions"]![0]!["reason"]));
        Assert.Equal("Preempted by pod king on node n1", Assert.Single(told.RecordedEvents).Message);
        Assert.Equal(("peasant", "peasant"), (Assert.IsType<DeleteObject>(sent[1]).Key.Name, ((DeleteObject)sent[1]).ExpectedUid));
        var nominated = Assert.IsType<MergeObject>(sent[2]);
        Assert.Equal(("king", "n1", "Unschedulable"), (nominated.Key.Name, (string?)nominated.Patch["status"]!["nominatedNodeName"], (string?)nominated.Patch["status"]!["conditions"]![0]!["reason"]));
        Assert.Equal(3, sent.Count);
    }

    [Fact]
    public void Nobody_else_goes_while_the_victim_leaves_and_a_victim_that_stays_is_chosen_again()
    {
        var (scheduler, sent) = Started(Node(), Pod("peasant", 0, "n1"), Pod("king", 10));
        sent.Clear();
        scheduler.Follow(new FeedBatch(8, [new ObjectChange("MODIFIED", Node(), Node(), 8)]));
        Assert.Empty(sent);

        scheduler.Reconsider([new Errand("peasant", ErrandKind.Preempt)]);
        Assert.Equal("peasant", Assert.Single(sent.OfType<DeleteObject>()).Key.Name);
    }

    [Fact]
    public void A_new_scheduler_goes_on_where_the_old_one_was()
    {
        var (scheduler, sent) = Started(Node(), Pod("peasant", 0, "n1", ",\"deletionTimestamp\":\"2026-01-01T00:00:00Z\""), Pod("king", 10, nominated: "n1"), Pod("small", 5, cpu: "1"));
        Assert.Empty(sent.OfType<DeleteObject>());
        Assert.Empty(sent.OfType<BindPod>());

        sent.Clear();
        var peasant = Pod("peasant", 0, "n1");
        scheduler.Follow(new FeedBatch(8, [new ObjectChange("DELETED", peasant, peasant, 8)]));
        Assert.Equal("king", Assert.Single(sent.OfType<BindPod>()).Key.Name);
    }

    [Fact]
    public void A_node_that_cannot_take_the_pod_any_more_is_given_up_though_its_victims_never_leave()
    {
        var (scheduler, sent) = Started(Node(), Node("n2"), Pod("peasant", 0, "n1"), Pod("guard", 5, "n2"), Pod("king", 10));
        Assert.Equal("peasant", Assert.Single(sent.OfType<DeleteObject>()).Key.Name);
        sent.Clear();
        var lost = Node(more: ""","spec":{"unschedulable":true}""");
        scheduler.Follow(new FeedBatch(8, [new ObjectChange("MODIFIED", lost, Node(), 8)]));
        Assert.Equal("guard", Assert.Single(sent.OfType<DeleteObject>()).Key.Name);
        Assert.Equal("n2", (string?)sent.OfType<MergeObject>().Last().Patch["status"]!["nominatedNodeName"]);
    }

    [Fact]
    public void A_pod_whose_own_labels_kept_it_waiting_is_tried_again_when_they_change()
    {
        var king = Of(PodDefinition.Instance, """
            {"metadata":{"name":"king","namespace":"default","uid":"king"},"status":{"phase":"Running"},"spec":{"nodeName":"n1","containers":[{"name":"c","image":"i"}],
             "affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"zone","labelSelector":{"matchLabels":{"app":"web"}}}]}}}}
            """);
        KubeObject Web(string app) => Of(PodDefinition.Instance, $$$"""{"metadata":{"name":"web","namespace":"default","uid":"web","labels":{"app":"{{{app}}}"} },"status":{"phase":"Pending"},"spec":{"containers":[{"name":"c","image":"i"}]} }""");
        var (scheduler, sent) = Started(Node(), king, Web("web"));
        Assert.Empty(sent.OfType<BindPod>());
        scheduler.Follow(new FeedBatch(8, [new ObjectChange("MODIFIED", Web("other"), Web("web"), 8)]));
        Assert.Equal("web", Assert.Single(sent.OfType<BindPod>()).Key.Name);
    }

    [Fact]
    public void A_mark_that_was_refused_leaves_a_binding_alone()
    {
        var (scheduler, sent) = Started(Pod("p", 0, cpu: "1"));
        scheduler.Follow(new FeedBatch(8, [new ObjectChange("ADDED", Node(), null, 8)]));
        Assert.Single(sent.OfType<BindPod>());
        scheduler.Reconsider([new Errand("p", ErrandKind.Mark)]);
        Assert.Single(sent.OfType<BindPod>());
        scheduler.Reconsider([new Errand("p", ErrandKind.Bind)]);
        Assert.Equal(2, sent.OfType<BindPod>().Count());
    }

    [Fact]
    public void Who_waited_for_a_neighbour_is_placed_with_it()
    {
        var web = Of(PodDefinition.Instance, """
            {"metadata":{"name":"a-web","namespace":"default","uid":"web"},"status":{"phase":"Pending"},"spec":{"containers":[{"name":"c","image":"i"}],
             "affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"zone","labelSelector":{"matchLabels":{"app":"db"}}}]}}}}
            """);
        var db = Of(PodDefinition.Instance, """{"metadata":{"name":"db","namespace":"default","uid":"db","labels":{"app":"db"}},"status":{"phase":"Pending"},"spec":{"containers":[{"name":"c","image":"i"}]}}""");
        var (_, sent) = Started(Node(), web, db);
        Assert.Equal(["db", "a-web"], sent.OfType<BindPod>().Select(b => b.Key.Name));
    }

    private static (Scheduler Scheduler, List<ObjectCommand> Sent) Started(params KubeObject[] objects)
    {
        var (sent, cache) = (new List<ObjectCommand>(), new ObjectCache());
        cache.Restore(7, objects);
        var scheduler = new Scheduler(cache, TimeProvider.System, (_, command) => sent.Add(command));
        scheduler.Start();
        return (scheduler, sent);
    }

    private static KubeObject Node(string name = "n1", string more = "") => Of(NodeDefinition.Instance, $$$"""
        {"metadata":{"name":"{{{name}}}","uid":"{{{name}}}","labels":{"zone":"a"} }{{{more}}},"status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"} } }
        """);

    private static KubeObject Pod(string name, int priority, string node = "", string more = "", string cpu = "4", string nominated = "") => Of(PodDefinition.Instance, $$$"""
        {"metadata":{"name":"{{{name}}}","namespace":"default","uid":"{{{name}}}"{{{more}}}},"spec":{"nodeName":"{{{node}}}","priority":{{{priority}}},
         "containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"{{{cpu}}}"} } }]},"status":{"phase":"Pending","nominatedNodeName":"{{{nominated}}}"} }
        """);

    private static KubeObject Of(ResourceDefinition kind, string json)
    {
        var o = (JsonObject)JsonNode.Parse(json)!;
        o["metadata"]!["resourceVersion"] = "7";
        if ((string?)o["spec"]?["nodeName"] is "")
        {
            ((JsonObject)o["spec"]!).Remove("nodeName");
        }

        return KubeObject.From(kind, o);
    }
}
