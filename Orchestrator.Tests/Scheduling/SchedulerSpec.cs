using System.Text;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Pods;
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
}
