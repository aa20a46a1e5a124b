using CsCheck;
using Orchestrator.Actors.Kinds.StatefulSets;
using Orchestrator.Tests.Kit;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.StatefulSets;

public sealed class StatefulSetPlannerSpec
{
    private const string Old = "web-old";
    private const string New = "web-new";
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    // A letter per pod from number 0 on: r ready, p not ready, l leaving, f failed, . missing; capitals have the new template.
    // What is created: the numbers, with ' behind the old template's; what is deleted: the numbers.
    [Theory]
    [InlineData(3, "", "0", "")] // one after the other
    [InlineData(3, "R", "1", "")]
    [InlineData(3, "P", "", "")] // waits for the first
    [InlineData(3, "R.R", "1", "")]
    [InlineData(3, "LR", "", "")] // waits until it is gone
    [InlineData(3, "RFR", "", "1")] // made again
    [InlineData(3, "RRR", "", "")]
    [InlineData(1, "RRR", "", "2")] // scales down from the end
    [InlineData(1, "RPR", "", "2")]
    [InlineData(1, "RRP", "", "2")] // it is itself the one that is not well
    [InlineData(1, "RPP", "", "")] // number 1 is not well either: wait
    [InlineData(1, "RRL", "", "")]
    [InlineData(1, "PRR", "", "")] // number 0 is not well
    [InlineData(3, "rrr", "", "2")] // rolls from the end
    [InlineData(3, "rrL", "", "")]
    [InlineData(3, "rr.", "2", "")]
    [InlineData(3, "rrP", "", "")]
    [InlineData(3, "rrR", "", "1")]
    [InlineData(3, "p", "", "0")] // … also if the others are missing because of it
    [InlineData(3, "rrp", "", "2")] // stuck at a pod of an older template: replaced
    [InlineData(3, "rpR", "", "1")]
    [InlineData(3, "prR", "", "0")]
    [InlineData(3, "ppp", "", "2")] // within the bound
    [InlineData(3, "pFR", "", "0")] // number 1 is made again when its turn comes
    public void In_order(int replicas, string pods, string created, string deleted) => Check(Set(replicas), pods, created, deleted);

    [Theory]
    [InlineData(3, "", "012", "")]
    [InlineData(3, "P.P", "1", "")]
    [InlineData(1, "PPPP", "", "321")]
    [InlineData(3, "rrr", "", "2")] // the rollout is still one at a time
    [InlineData(3, "FRF", "", "02")]
    public void In_parallel(int replicas, string pods, string created, string deleted) =>
        Check(Set(replicas, s => s.PodManagementPolicy = "Parallel"), pods, created, deleted);

    [Theory]
    [InlineData("rrrrr", 3, "", "4")]
    [InlineData("rrrRR", 3, "", "")] // done for this partition
    [InlineData("rr.RR", 3, "2'", "")] // below the partition the old template
    [InlineData("rrr.R", 3, "3", "")]
    [InlineData("rrpRR", 3, "", "")] // below the partition nobody is replaced
    [InlineData("rrrrr", 9, "", "")]
    public void A_partition_keeps_the_old_template_below_it(string pods, int partition, string created, string deleted) =>
        Check(Set(5, s => s.UpdateStrategy.RollingUpdate.Partition = partition), pods, created, deleted);

    [Theory]
    [InlineData("rrrrr", "2", "", "43")]
    [InlineData("rrrrr", "40%", "", "43")]
    [InlineData("rrrrr", "50%", "", "432")] // rounded up
    [InlineData("rrrrP", "2", "", "")] // in order: the rollout waits until all are well
    [InlineData("rrprr", "2", "", "2")]
    public void Several_may_be_unavailable(string pods, string maxUnavailable, string created, string deleted) =>
        Check(Set(5, s => s.UpdateStrategy.RollingUpdate.MaxUnavailable = maxUnavailable), pods, created, deleted);

    [Theory]
    [InlineData("rrr", "", "")]
    [InlineData("r.r", "1", "")]
    public void OnDelete_replaces_only_what_the_user_deletes(string pods, string created, string deleted) =>
        Check(Set(3, s => s.UpdateStrategy = new V1StatefulSetUpdateStrategy { Type = "OnDelete" }), pods, created, deleted);

    [Theory]
    [InlineData("RRR", "5", "012")] // 0 to 2 go, one at a time, once 5 to 7 are there
    public void Numbers_begin_at_the_start_ordinal(string pods, string created, string condemned)
    {
        Check(Set(3, s => s.Ordinals = new V1StatefulSetOrdinals { Start = 5 }), pods, created, "");
        var all = Pods(pods).Concat([.. Enumerable.Range(5, 3).Select(i => Pod(i, 'R'))]).ToList();
        Assert.Equal(condemned[^1..], string.Concat(Plan(Set(3, s => s.Ordinals = new V1StatefulSetOrdinals { Start = 5 }), all).Delete.Select(d => d.Pod.Ordinal)));
    }

    [Fact]
    public void A_new_pod_must_be_ready_for_long_enough()
    {
        var plan = Plan(Set(2, s => s.MinReadySeconds = 4_000), Pods("R"));
        Assert.Empty(plan.Create);
        Assert.Equal(TimeSpan.FromSeconds(400), plan.RecheckAfter); // It has been ready for an hour.
    }

    [Fact]
    public void A_failed_pod_is_not_made_again_at_once()
    {
        var failed = Pod(0, 'F');
        failed.Metadata.CreationTimestamp = Now.UtcDateTime.AddSeconds(-3);
        var plan = Plan(Set(1), [failed]);
        Assert.Empty(plan.Delete);
        Assert.Equal(TimeSpan.FromSeconds(7), plan.RecheckAfter);
    }

    [Fact]
    public void A_stateful_set_being_deleted_does_nothing()
    {
        var set = Set(3);
        set.Metadata.DeletionTimestamp = Now.UtcDateTime;
        var plan = Plan(set, Pods("rP"));
        Assert.Equal((0, 0), (plan.Create.Count, plan.Delete.Count));
    }

    [Fact]
    public void Its_status_counts_pods_and_the_update_becomes_current_when_all_have_it()
    {
        var rolling = Plan(Set(3), Pods("rPR")).Status!;
        Assert.Equal((3, 2, 1, 2, Old, New), (rolling.Replicas, rolling.ReadyReplicas!.Value, rolling.CurrentReplicas!.Value, rolling.UpdatedReplicas!.Value, rolling.CurrentRevision, rolling.UpdateRevision));
        var done = Plan(Set(3), Pods("RRR")).Status!;
        Assert.Equal((3, 3, New, New), (done.CurrentReplicas!.Value, done.AvailableReplicas, done.CurrentRevision, done.UpdateRevision));
    }

    [Fact]
    public void A_number_of_replicas_without_measure_costs_no_more_than_its_pods()
    {
        var plan = Plan(Set(int.MaxValue, s => s.PodManagementPolicy = "Parallel"), Pods("rR"));
        Assert.Equal(StatefulSetPlanner.Burst, plan.Create.Count);
        Assert.Empty(plan.Delete);
    }

    [Theory]
    [InlineData("web-0", 0)]
    [InlineData("web-17", 17)]
    [InlineData("web-01", null)]
    [InlineData("web-", null)]
    [InlineData("web-x", null)]
    [InlineData("web-1-2", null)]
    [InlineData("webs-1", null)]
    public void A_name_holds_the_number(string name, int? ordinal) => Assert.Equal(ordinal, StatefulPod.OrdinalOf(name, "web"));

    [Fact]
    public void Whatever_there_is_becomes_the_wanted_pods_with_the_new_template_and_the_bound_holds() =>
        Gen.Select(Gen.Int[0, 5], Gen.Bool, Gen.Int[1, 3], Gen.String[Gen.Int[0, 6].Select(i => "rpRPfF."[i]), 0, 7]).Sample((replicas, isParallel, bound, start) =>
        {
            var set = Set(replicas, s => (s.PodManagementPolicy, s.UpdateStrategy.RollingUpdate.MaxUnavailable) = (isParallel ? "Parallel" : "OrderedReady", $"{bound}"));
            var world = Pods(start).ToList();
            for (var step = 0; step < 120; step++)
            {
                var plan = Plan(set, world, set.Status?.CurrentRevision ?? Old);
                set.Status = plan.Status ?? set.Status;
                var lost = plan.Delete.Count(d => d.Why == PodEnd.Updated && d.Pod.IsHealthy);
                var unwell = replicas - world.Count(p => Ordinal(p) < replicas && p.IsWell());
                Assert.True(lost == 0 || unwell + lost <= bound, $"{unwell} are not well, and {lost} more go");
                Assert.True(isParallel || plan.Create.Count <= 1);
                if (plan is { Create: [], Delete: [], Status: null } && world.All(p => p.IsWell()))
                {
                    Assert.Equal(Enumerable.Range(0, replicas).Select(i => ($"web-{i}", New)), world.Select(p => (p.Metadata.Name, p.Metadata.Labels[StatefulPod.RevisionLabel])).Order());
                    return;
                }

                world.RemoveAll(p => plan.Delete.Any(d => d.Pod.Name == p.Metadata.Name));

                // Pods of the old template that are not ready never get ready.
                foreach (var pod in world.Where(p => p.Metadata.Labels[StatefulPod.RevisionLabel] == New && p.Status.Phase == "Running"))
                {
                    pod.Status.Conditions[0].Status = "True";
                }

                world.AddRange(plan.Create.Select(c => Pod(c.Ordinal, c.Revision == New ? 'P' : 'p')));

                // Scaling down waits for what is well, and what is above the wanted number is not replaced: an operator would look at it.
                world.RemoveAll(p => Ordinal(p) >= replicas && !p.IsWell());
            }

            Assert.Fail("It never settles.");
        }, iter: 300);

    private static void Check(V1StatefulSet set, string pods, string created, string deleted)
    {
        var plan = Plan(set, Pods(pods));
        Assert.Equal((created, deleted), (string.Concat(plan.Create.Select(c => $"{c.Ordinal}{(c.Revision == Old ? "'" : "")}")), string.Concat(plan.Delete.Select(d => d.Pod.Ordinal))));
    }

    private static StatefulSetPlan Plan(V1StatefulSet set, IEnumerable<V1Pod> pods, string current = Old) =>
        StatefulSetPlanner.Plan(set, new StatefulRevisions(current, New), [.. pods.Select(p => StatefulPod.Of(p.Outline(), "web")!)], null, Now);

    private static int Ordinal(V1Pod pod) => StatefulPod.OrdinalOf(pod.Metadata.Name, "web")!.Value;

    private static IEnumerable<V1Pod> Pods(string letters) => letters.Select((letter, i) => (letter, i)).Where(p => p.letter != '.').Select(p => Pod(p.i, p.letter)).ToList();

    private static V1Pod Pod(int ordinal, char letter) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = $"web-{ordinal}", Uid = $"uid-{ordinal}", NamespaceProperty = "default", CreationTimestamp = Now.UtcDateTime.AddHours(-2),
            DeletionTimestamp = char.ToLowerInvariant(letter) == 'l' ? Now.UtcDateTime : null,
            Labels = new Dictionary<string, string> { ["app"] = "web", [StatefulPod.RevisionLabel] = char.IsUpper(letter) ? New : Old },
        },
        Spec = new V1PodSpec { NodeName = "n", Containers = [new V1Container { Name = "c", Image = "i" }] },
        Status = new V1PodStatus
        {
            Phase = char.ToLowerInvariant(letter) == 'f' ? "Failed" : "Running",
            Conditions = [new V1PodCondition { Type = "Ready", Status = char.ToLowerInvariant(letter) == 'r' ? "True" : "False", LastTransitionTime = Now.UtcDateTime.AddHours(-1) }],
        },
    };

    private static V1StatefulSet Set(int replicas, Action<V1StatefulSetSpec>? change = null)
    {
        var set = new V1StatefulSet
        {
            Metadata = new V1ObjectMeta { Name = "web", Uid = "set-uid", NamespaceProperty = "default", Generation = 1 },
            Spec = new V1StatefulSetSpec
            {
                Replicas = replicas,
                ServiceName = "web",
                PodManagementPolicy = "OrderedReady",
                Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "web" } },
                UpdateStrategy = new V1StatefulSetUpdateStrategy { Type = "RollingUpdate", RollingUpdate = new V1RollingUpdateStatefulSetStrategy { Partition = 0 } },
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "web" } },
                    Spec = new V1PodSpec { Containers = [new V1Container { Name = "c", Image = "i" }] },
                },
            },
        };
        change?.Invoke(set.Spec);
        return set;
    }
}

file static class Pods
{
    public static bool IsWell(this V1Pod pod) => pod.Status is { Phase: "Running", Conditions: [{ Status: "True" }] };
}
