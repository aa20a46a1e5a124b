using CsCheck;
using Orchestrator.Actors.Kinds.Deployments;

namespace Orchestrator.Tests.Kinds.Deployments;

public sealed class RolloutProperties
{
    private static readonly Gen<string> Amount = Gen.Int[0, 5].Select(i => new[] { "0", "1", "2", "25%", "50%", "100%" }[i]);
    private static readonly Gen<string> Image = Gen.Int[0, 4].Select(i => new[] { "v1", "v2", "v3", "broken1", "broken2" }[i]);

    [Fact]
    public void A_rollout_never_has_too_few_available_or_too_many_planned_and_always_converges()
    {
        Gen.Select(Gen.Int[1, 12], Amount, Amount, Gen.Select(Image, Gen.Int[0, 1000].Array[0, 40]).Array[1, 4]).Sample((replicas, surge, unavailable, changes) =>
        {
            var world = new RolloutWorld(RolloutWorld.NewDeployment(replicas, surge: surge, unavailable: unavailable));
            world.Settle();
            void Check()
            {
                Assert.True(world.Available >= replicas - DeploymentFacts.MaxUnavailable(world.Deployment), $"only {world.Available} available");
                Assert.True(world.Planned <= replicas + DeploymentFacts.MaxSurge(world.Deployment), $"{world.Planned} planned");
            }

            foreach (var (image, choices) in changes)
            {
                world.SetImage(image);
                foreach (var choice in choices)
                {
                    world.Step(choice);
                    Check();
                }
            }

            world.SetImage("final");
            world.Settle(Check);
            AssertDone(world, replicas);
        });
    }

    [Fact]
    public void Whatever_is_scaled_and_changed_the_last_word_is_reached()
    {
        Gen.Select(Amount, Amount, Gen.Select(Image, Gen.Int[0, 10], Gen.Bool, Gen.Int[0, 1000].Array[0, 20]).Array[1, 6]).Sample((surge, unavailable, changes) =>
        {
            var world = new RolloutWorld(RolloutWorld.NewDeployment(3, surge: surge, unavailable: unavailable));
            foreach (var (image, replicas, paused, choices) in changes)
            {
                world.Deployment.Spec.Paused = paused;
                world.SetImage(image);
                world.SetReplicas(replicas);
                Array.ForEach(choices, world.Step);
            }

            world.Deployment.Spec.Paused = false;
            world.SetImage("final");
            world.SetReplicas(4);
            world.Settle();
            AssertDone(world, 4);
        });
    }

    private static void AssertDone(RolloutWorld world, int replicas)
    {
        Assert.Equal((replicas, replicas), (world.Planned, world.WithImage("final").Spec.Replicas));
        Assert.Equal((replicas, replicas), (world.Pods.Count, world.Deployment.Status.AvailableReplicas));
        Assert.Equal("NewReplicaSetAvailable", world.Condition("Progressing")!.Reason);
    }
}
