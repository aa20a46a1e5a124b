using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.Deployments;

public sealed class DeploymentPlannerSpec
{
    [Fact]
    public void A_new_deployment_creates_a_replica_set_named_by_its_template()
    {
        var world = new RolloutWorld(RolloutWorld.NewDeployment(3));
        var plan = world.StepDeployment();
        var rs = plan.CreateReplicaSet!;
        var hash = rs.Metadata.Labels[TemplateHash.Label];
        Assert.Matches("^[bcdfghjklmnpqrstvwxz2456789]{5,10}$", hash);
        Assert.Equal("web-" + hash, rs.Metadata.Name);
        Assert.Equal((hash, hash, 3), (rs.Spec.Selector.MatchLabels[TemplateHash.Label], rs.Spec.Template.Metadata.Labels[TemplateHash.Label], rs.Spec.Replicas));
        Assert.Equal(("1", "3", "4"), (rs.Metadata.Annotations[Revisions.Revision], rs.Metadata.Annotations[Revisions.DesiredReplicas], rs.Metadata.Annotations[Revisions.MaxReplicas]));
        Assert.Equal("1", plan.Annotations[Revisions.Revision]);
        Assert.Equal(new DeploymentEvent("Normal", "ScalingReplicaSet", $"Scaled up replica set web-{hash} from 0 to 3", $"web-{hash}"), Assert.Single(plan.Events));
        Assert.Equal("NewReplicaSetCreated", world.Condition("Progressing")!.Reason);
        Assert.Equal(("False", "MinimumReplicasUnavailable"), (world.Condition("Available")!.Status, world.Condition("Available")!.Reason));
        Assert.Equal(1, plan.Status!.ObservedGeneration);
        Assert.NotNull(plan.RecheckAfter);
    }

    [Theory]
    [InlineData(10, "25%", "25%", 3, 2)]
    [InlineData(4, "1", "0", 1, 0)]
    [InlineData(4, "0", "0", 0, 1)]
    [InlineData(1, "25%", "25%", 1, 0)]
    [InlineData(3, "100%", "50%", 3, 1)]
    [InlineData(2, "0", "5", 0, 2)]
    [InlineData(0, "25%", "1", 0, 0)]
    public void Surge_rounds_up_and_unavailable_rounds_down(int replicas, string surge, string unavailable, int expectedSurge, int expectedUnavailable)
    {
        var d = RolloutWorld.NewDeployment(replicas, surge: surge, unavailable: unavailable);
        Assert.Equal((expectedSurge, expectedUnavailable), (DeploymentFacts.MaxSurge(d), DeploymentFacts.MaxUnavailable(d)));
    }

    [Fact]
    public void A_finished_rollout_says_so_and_asks_for_nothing_more()
    {
        var world = Settled(3);
        var progressing = world.Condition("Progressing")!;
        Assert.Equal(("True", "NewReplicaSetAvailable", $"ReplicaSet \"{world.ReplicaSets[0].Metadata.Name}\" has successfully progressed."), (progressing.Status, progressing.Reason, progressing.Message));
        Assert.Equal("MinimumReplicasAvailable", world.Condition("Available")!.Reason);
        var plan = world.StepDeployment();
        Assert.Null(plan.Status);
        Assert.Null(plan.RecheckAfter);
        Assert.Empty(plan.Scale);
    }

    [Fact]
    public void The_first_step_of_a_rolling_update_surges_and_takes_down_what_may_be_missing()
    {
        var world = Settled(10);
        world.SetImage("v2");
        var plan = world.StepDeployment();
        Assert.Equal(3, plan.CreateReplicaSet!.Spec.Replicas);
        Assert.Equal(8, Assert.Single(plan.Scale).Replicas);
        Assert.Equal("2", plan.Annotations[Revisions.Revision]);
    }

    [Fact]
    public void Unhealthy_old_pods_make_room_first()
    {
        var world = Settled(4);
        world.SetImage("broken");
        world.Settle();
        Assert.Equal(2, world.WithImage("broken").Spec.Replicas);
        world.SetImage("v3");
        world.Settle();
        Assert.Equal((0, 0, 4), (world.WithImage("v1").Spec.Replicas, world.WithImage("broken").Spec.Replicas, world.WithImage("v3").Spec.Replicas));
    }

    [Fact]
    public void Nothing_old_goes_while_as_many_new_pods_are_not_available()
    {
        var world = Settled(4);
        world.SetImage("v2");
        world.StepDeployment();
        var old = world.WithImage("v1");
        Assert.Equal((3, 1), (old.Spec.Replicas, world.WithImage("v2").Spec.Replicas));
        old.Status.AvailableReplicas = 1;
        Assert.DoesNotContain(world.StepDeployment().Scale, s => s.Rs == old);
    }

    [Fact]
    public void A_rollout_without_progress_exceeds_its_deadline()
    {
        var world = Settled(2);
        world.SetImage("broken");
        world.Settle();
        var recheck = world.StepDeployment().RecheckAfter;
        Assert.InRange(recheck!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(601));
        world.Now += recheck.Value;
        var plan = world.StepDeployment();
        Assert.Equal(("False", "ProgressDeadlineExceeded"), (world.Condition("Progressing")!.Status, world.Condition("Progressing")!.Reason));
        Assert.EndsWith("has timed out progressing.", world.Condition("Progressing")!.Message, StringComparison.Ordinal);
        Assert.Null(plan.RecheckAfter);
        world.SetImage("v3");
        world.Settle();
        Assert.Equal("NewReplicaSetAvailable", world.Condition("Progressing")!.Reason);
    }

    [Fact]
    public void A_rollback_reuses_the_old_replica_set_under_a_new_revision()
    {
        var world = Settled(3);
        var first = world.ReplicaSets[0].Metadata.Name;
        world.SetImage("v2");
        world.Settle();
        world.SetImage("v1");
        world.Settle();
        var rs = world.WithImage("v1");
        Assert.Equal((first, 3, 2), (rs.Metadata.Name, rs.Spec.Replicas, world.ReplicaSets.Count));
        Assert.Equal(("3", "1"), (rs.Metadata.Annotations[Revisions.Revision], rs.Metadata.Annotations[Revisions.History]));
        Assert.Equal("3", world.Deployment.Metadata.Annotations[Revisions.Revision]);
    }

    [Fact]
    public void The_change_cause_follows_to_the_replica_set()
    {
        var world = Settled(1);
        world.Deployment.Metadata.Annotations[Revisions.ChangeCause] = "because";
        world.StepDeployment();
        Assert.Equal("because", world.ReplicaSets[0].Metadata.Annotations[Revisions.ChangeCause]);
    }

    [Fact]
    public void Recreate_starts_the_new_pods_after_the_old_ones_are_gone()
    {
        var world = Settled(2);
        world.Deployment.Spec.Strategy = new V1DeploymentStrategy { Type = "Recreate" };
        world.SetImage("v2");
        world.StepDeployment();
        Assert.Equal(0, Assert.Single(world.ReplicaSets).Spec.Replicas);
        Assert.Null(world.StepDeployment().CreateReplicaSet);
        var leaving = world.Pods[0];
        world.StepReplicaSet(world.ReplicaSets[0]);
        world.StepReplicaSet(world.ReplicaSets[0]);
        leaving.Metadata.DeletionTimestamp = world.Now.UtcDateTime;
        world.Pods.Add(leaving);
        Assert.Null(world.StepDeployment().CreateReplicaSet);
        world.Pods.Clear();
        Assert.Equal(2, world.StepDeployment().CreateReplicaSet!.Spec.Replicas);
        world.Settle();
        Assert.Equal("NewReplicaSetAvailable", world.Condition("Progressing")!.Reason);
    }

    [Fact]
    public void A_paused_deployment_scales_but_does_not_roll_out()
    {
        var world = Settled(2);
        world.Deployment.Spec.Paused = true;
        world.SetImage("v2");
        world.SetReplicas(5);
        world.Settle();
        Assert.Equal(5, Assert.Single(world.ReplicaSets).Spec.Replicas);
        Assert.Equal(("Unknown", "DeploymentPaused"), (world.Condition("Progressing")!.Status, world.Condition("Progressing")!.Reason));
        world.Deployment.Spec.Paused = false;
        world.StepDeployment();
        Assert.NotEqual("DeploymentPaused", world.Condition("Progressing")!.Reason);
        world.Settle();
        Assert.Equal(5, world.WithImage("v2").Spec.Replicas);
    }

    [Fact]
    public void Scaling_during_a_rollout_keeps_the_proportions()
    {
        var world = new RolloutWorld(RolloutWorld.NewDeployment(10, surge: "3", unavailable: "2"));
        world.Settle();
        world.SetImage("broken");
        world.Settle();
        Assert.Equal((8, 5), (world.WithImage("v1").Spec.Replicas, world.WithImage("broken").Spec.Replicas));
        world.SetReplicas(15);
        world.StepDeployment();
        Assert.Equal((11, 7), (world.WithImage("v1").Spec.Replicas, world.WithImage("broken").Spec.Replicas));
    }

    [Fact]
    public void Only_as_many_old_replica_sets_stay_as_the_history_limit_says()
    {
        var world = new RolloutWorld(RolloutWorld.NewDeployment(1));
        world.Deployment.Spec.RevisionHistoryLimit = 1;
        foreach (var image in new[] { "v1", "v2", "v3", "v4" })
        {
            world.SetImage(image);
            world.Settle();
        }

        Assert.Equal(["v3", "v4"], world.ReplicaSets.Select(world.ImageOf).Order());
    }

    [Fact]
    public void A_taken_name_leads_to_another_one()
    {
        var d = RolloutWorld.NewDeployment(1);
        var first = DeploymentPlanner.Plan(d, [], [], RolloutWorld.Start);
        d.Status = first.Status;
        var second = DeploymentPlanner.Plan(d, [], [], RolloutWorld.Start, new ApiError(ApiReason.AlreadyExists, "taken"));
        Assert.NotEqual(first.CreateReplicaSet!.Metadata.Name, second.CreateReplicaSet!.Metadata.Name);
        Assert.Equal(1, second.Status!.CollisionCount);
        d.Status = second.Status;
        var third = DeploymentPlanner.Plan(d, [], [], RolloutWorld.Start);
        Assert.Equal(second.CreateReplicaSet.Metadata.Name, third.CreateReplicaSet!.Metadata.Name);
    }

    [Fact]
    public void A_replica_set_that_cannot_be_made_is_said_until_it_can()
    {
        var d = RolloutWorld.NewDeployment(1);
        d.Status = DeploymentPlanner.Plan(d, [], [], RolloutWorld.Start).Status;
        d.Status = DeploymentPlanner.Plan(d, [], [], RolloutWorld.Start, new ApiError(ApiReason.Forbidden, "the namespace is being deleted")).Status;
        var said = DeploymentConditions.Find(d.Status!.Conditions, DeploymentConditions.Progressing)!;
        Assert.Equal(("False", "ReplicaSetCreateError", "the namespace is being deleted"), (said.Status, said.Reason, said.Message));
        d.Status = DeploymentPlanner.Plan(d, [], [], RolloutWorld.Start).Status;
        Assert.Equal("NewReplicaSetCreated", DeploymentConditions.Find(d.Status!.Conditions, DeploymentConditions.Progressing)!.Reason);
    }

    [Fact]
    public void A_deadline_that_passes_without_a_replica_set_stays_passed()
    {
        var d = RolloutWorld.NewDeployment(1);
        var refused = new ApiError(ApiReason.Forbidden, "exceeded quota");
        d.Status = DeploymentPlanner.Plan(d, [], [], RolloutWorld.Start, refused).Status;
        var late = RolloutWorld.Start.AddSeconds(601);
        d.Status = DeploymentPlanner.Plan(d, [], [], late, refused).Status;
        Assert.Equal(DeploymentConditions.ProgressDeadlineExceeded, DeploymentConditions.Find(d.Status!.Conditions, DeploymentConditions.Progressing)!.Reason);
        Assert.Null(DeploymentPlanner.Plan(d, [], [], late.AddSeconds(1), refused).Status);
    }

    [Fact]
    public void Each_replica_set_has_the_whole_deadline()
    {
        var d = RolloutWorld.NewDeployment(1);
        d.Status = DeploymentPlanner.Plan(d, [], [], RolloutWorld.Start).Status;
        d.Spec.Template.Spec.Containers[0].Image = "v2";
        var later = RolloutWorld.Start.AddSeconds(590);
        d.Status = DeploymentPlanner.Plan(d, [], [], later).Status;
        Assert.Equal(later.UtcDateTime, DeploymentConditions.Find(d.Status!.Conditions, DeploymentConditions.Progressing)!.LastUpdateTime);
        Assert.Null(DeploymentPlanner.Plan(d, [], [], later.AddSeconds(9)).Status);
    }

    [Fact]
    public void Templates_are_equal_whatever_the_order_of_keys_and_the_hash_label()
    {
        var left = RolloutWorld.NewDeployment(1).Spec.Template;
        var right = RolloutWorld.NewDeployment(1).Spec.Template;
        left.Metadata.Labels["b"] = "1";
        right.Metadata.Labels = new Dictionary<string, string> { ["b"] = "1", ["app"] = "web", [TemplateHash.Label] = "x" };
        right.Spec.Volumes = [];
        Assert.True(TemplateHash.SameTemplate(left, right));
        Assert.Equal(TemplateHash.Of(left, null), TemplateHash.Of(right, null));
        right.Spec.Containers[0].Image = "v2";
        Assert.False(TemplateHash.SameTemplate(left, right));
    }

    private static RolloutWorld Settled(int replicas)
    {
        var world = new RolloutWorld(RolloutWorld.NewDeployment(replicas));
        world.Settle();
        return world;
    }
}
