using Orchestrator.Actors.Kinds.Deployments;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.Deployments;

public sealed class AutoRollbackSpec
{
    [Fact]
    public void A_revision_that_exceeds_its_deadline_is_left_for_the_last_complete_one()
    {
        var world = OptedIn("v1", "v2", "broken");
        var broken = world.WithImage("broken").Metadata.Name;
        world.Expire();
        Assert.Equal($"Revision 3 (replica set \"{broken}\") exceeded its progress deadline; rolled back to revision 2 (replica set \"{world.WithImage("v2").Metadata.Name}\")",
            Assert.Single(world.Rollbacks).Message);
        Assert.Equal((0, 3, "4"), (world.WithImage("broken").Spec.Replicas, world.WithImage("v2").Spec.Replicas, world.WithImage("v2").Metadata.Annotations[Revisions.Revision]));
        Assert.Equal(("True", "ProgressDeadlineExceeded", $"Revision 3 exceeded its progress deadline; rolled back to replica set \"{world.WithImage("v2").Metadata.Name}\"."), Said(world));
        Assert.Equal("NewReplicaSetAvailable", world.Condition("Progressing")!.Reason);
        world.Expire();
        Assert.Single(world.Rollbacks);
    }

    [Fact]
    public void Clients_see_the_passed_deadline_before_the_rollback()
    {
        var world = OptedIn("v1", "broken");
        world.Now += TimeSpan.FromSeconds(601);
        Assert.Null(world.StepDeployment().Rollback);
        Assert.Equal("ProgressDeadlineExceeded", world.Condition("Progressing")!.Reason);
        Assert.NotNull(world.StepDeployment().Rollback);
    }

    [Fact]
    public void Without_the_annotation_nothing_is_rolled_back_or_noted()
    {
        var world = new RolloutWorld(RolloutWorld.NewDeployment(3));
        Roll(world, "v1", "broken");
        world.Expire();
        Assert.Empty(world.Rollbacks);
        Assert.Null(world.Condition(AutoRollback.RolledBack));
        Assert.DoesNotContain(world.ReplicaSets, r => r.Metadata.Annotations.ContainsKey(AutoRollback.CompleteRevision));
    }

    [Fact]
    public void A_rollback_that_fails_too_is_the_last_one()
    {
        var world = OptedIn("v1", "v2", "broken");
        world.Breaks.Add("v2");
        world.Break();
        world.Expire();
        world.Expire();
        world.Expire();
        Assert.Single(world.Rollbacks);
        Assert.Equal(("False", "RollbackTimedOut"), (Said(world).Status, Said(world).Reason));
        Assert.Contains("apply a template that works", Said(world).Message, StringComparison.Ordinal);
        Assert.Single(world.Events, e => e is { Type: "Warning", Reason: "DeploymentRollbackTimedOut", ReplicaSet: null });

        world.Breaks.Clear();
        world.Mend();
        world.Settle();
        Assert.Equal(("True", "ProgressDeadlineExceeded"), (Said(world).Status, Said(world).Reason));
    }

    [Fact]
    public void A_template_of_the_user_after_a_rollback_is_a_rollout_like_any_other()
    {
        var world = OptedIn("v1", "broken");
        world.Expire();
        Roll(world, "broken2");
        Assert.Null(world.Condition(AutoRollback.RolledBack));
        Assert.False(world.Deployment.Metadata.Annotations.ContainsKey(AutoRollback.From));
        Assert.Equal("ReplicaSetUpdated", world.Condition("Progressing")!.Reason);
        world.Expire();
        Assert.Equal(2, world.Rollbacks.Count);

        Roll(world, "v3");
        Assert.Null(world.Condition(AutoRollback.RolledBack));
        Assert.Equal((3, 2), (world.WithImage("v3").Spec.Replicas, world.Rollbacks.Count));
    }

    [Fact]
    public void Who_returns_to_the_revision_that_failed_gives_it_a_deadline_of_its_own()
    {
        var world = OptedIn("v1", "broken");
        world.Breaks.Add("v1");
        world.Break();
        world.Expire();
        world.Expire();
        Assert.Equal("RollbackTimedOut", Said(world).Reason);
        Roll(world, "broken");
        Assert.Single(world.Rollbacks);
        Assert.Equal("True", world.Condition("Progressing")!.Status);
        world.Expire();
        Assert.Equal(2, world.Rollbacks.Count);
    }

    [Fact]
    public void A_first_revision_that_fails_has_nothing_to_return_to_and_says_so_once()
    {
        var world = OptedIn("broken");
        world.Expire();
        world.Expire();
        Assert.Empty(world.Rollbacks);
        Assert.Equal(("False", "RollbackRevisionNotFound"), (Said(world).Status, Said(world).Reason));
        Assert.Single(world.Events, e => e.Reason == "DeploymentRollbackRevisionNotFound");
        Roll(world, "v1");
        Assert.Null(world.Condition(AutoRollback.RolledBack));
    }

    [Fact]
    public void A_revision_that_never_was_complete_is_not_a_target()
    {
        var world = OptedIn("v1", "broken", "broken2");
        world.Expire();
        Assert.Equal("v1", world.ImageOf(Assert.Single(world.Rollbacks).To));
    }

    [Fact]
    public void The_annotation_may_come_with_the_template_that_fails()
    {
        var world = new RolloutWorld(RolloutWorld.NewDeployment(3));
        Roll(world, "v1");
        OptIn(world);
        world.SetImage("broken");
        Assert.Null(world.StepDeployment().CreateReplicaSet);
        Assert.Equal("1", world.WithImage("v1").Metadata.Annotations[AutoRollback.CompleteRevision]);
        world.Settle();
        world.Expire();
        Assert.Single(world.Rollbacks);
    }

    [Fact]
    public void A_revision_that_was_complete_is_not_left_because_pods_are_missing_after_a_pause()
    {
        var world = OptedIn("v1", "v2");
        world.Deployment.Spec.Paused = true;
        world.Deployment.Metadata.Generation++;
        world.Settle();
        world.Breaks.Add("v2");
        world.Break();
        world.Settle();
        world.Deployment.Spec.Paused = false;
        world.Deployment.Metadata.Generation++;
        world.Settle();
        world.Expire();
        Assert.Equal("ProgressDeadlineExceeded", world.Condition("Progressing")!.Reason);
        Assert.Empty(world.Rollbacks);
    }

    [Fact]
    public void Nothing_is_rolled_back_during_a_pause()
    {
        var world = OptedIn("v1", "broken");
        world.Deployment.Spec.Paused = true;
        world.Deployment.Metadata.Generation++;
        world.Expire();
        Assert.Empty(world.Rollbacks);
    }

    [Fact]
    public void Recreate_rolls_back_too()
    {
        var d = RolloutWorld.NewDeployment(2);
        d.Spec.Strategy = new V1DeploymentStrategy { Type = "Recreate" };
        var world = new RolloutWorld(d);
        OptIn(world);
        Roll(world, "v1", "broken");
        world.Expire();
        Assert.Equal((2, 0), (world.WithImage("v1").Spec.Replicas, world.WithImage("broken").Spec.Replicas));
        Assert.Equal("True", Said(world).Status);
    }

    /// <summary>kill -9 in the middle of a plan: the status is sent before the annotations.</summary>
    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void A_plan_that_is_carried_out_in_part_starts_no_rollback_of_its_own(bool losesStatus, bool losesAnnotations)
    {
        var world = OptedIn("v1", "broken");
        world.Breaks.Add("v1");
        world.Break();
        world.Expire();
        world.Expire();
        world.SetImage("broken");
        world.StepDeployment(losesStatus, losesAnnotations);
        world.Settle();
        Assert.Single(world.Rollbacks);
    }

    private static (string Status, string Reason, string Message) Said(RolloutWorld world)
    {
        var condition = world.Condition(AutoRollback.RolledBack)!;
        return (condition.Status, condition.Reason, condition.Message);
    }

    private static RolloutWorld OptedIn(params string[] images)
    {
        var world = new RolloutWorld(RolloutWorld.NewDeployment(3));
        OptIn(world);
        Roll(world, images);
        return world;
    }

    private static void OptIn(RolloutWorld world)
    {
        world.Deployment.Metadata.Annotations ??= new Dictionary<string, string>();
        world.Deployment.Metadata.Annotations[AutoRollback.Annotation] = "true";
    }

    private static void Roll(RolloutWorld world, params string[] images)
    {
        foreach (var image in images)
        {
            world.SetImage(image);
            world.Settle();
        }
    }
}
