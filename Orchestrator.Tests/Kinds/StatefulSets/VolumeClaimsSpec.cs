using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.ControllerRevisions;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.StatefulSets;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Kinds.StatefulSets;

/// <summary>A pod waits until its claims are its own.</summary>
public sealed class VolumeClaimsSpec
{
    [Theory]
    [InlineData("", true)] // kept by a former set
    [InlineData("""{"apiVersion":"apps/v1","kind":"StatefulSet","name":"db","uid":"former"}""", false)] // goes with a former set, which not everybody knows yet
    [InlineData("""{"apiVersion":"apps/v1","kind":"StatefulSet","name":"other","uid":"x"}""", true)]
    [InlineData("""{"apiVersion":"v1","kind":"Pod","name":"db-0","uid":"former"}""", false)] // taken over first
    public async Task A_claim_that_belongs_to_somebody_who_is_gone_is_not_used(string owner, bool isUsed)
    {
        await using var fed = await FedCache.StartAsync();
        var set = (await fed.CreateAsync("""
            {"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"db","namespace":"default","uid":"now","generation":1},"spec":{"serviceName":"db","replicas":1,"selector":{"matchLabels":{"app":"db"}},
             "updateStrategy":{"type":"RollingUpdate"},"podManagementPolicy":"OrderedReady","revisionHistoryLimit":10,
             "volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"]}}],
             "template":{"metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """))!;
        await fed.CreateAsync($$"""{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data-db-0","namespace":"default","uid":"c","ownerReferences":[{{owner}}]},"spec":{"accessModes":["ReadWriteOnce"]} }""");
        var controller = new StatefulSetController();
        var first = controller.Plan(set, fed.Cache, new PlanContext(DateTimeOffset.UnixEpoch, 1, () => "", [])).Commands.OfType<CreateObject>().Single(c => c.Key.Resource == ControllerRevisionDefinition.Instance.Resource);
        var revision = first.Object.DeepClone().AsObject();
        (revision["apiVersion"], revision["kind"]) = ("apps/v1", "ControllerRevision");
        (revision["metadata"]!["name"], revision["metadata"]!["namespace"], revision["metadata"]!["uid"]) = (first.Key.Name, "default", "r");
        await fed.CreateAsync(revision.ToJsonString());

        var plan = controller.Plan(set, fed.Cache, new PlanContext(DateTimeOffset.UnixEpoch, 1, () => "", []));
        Assert.Equal(isUsed, plan.Commands.OfType<CreateObject>().Any(c => c.Key.Resource == PodDefinition.Instance.Resource));
    }
}
