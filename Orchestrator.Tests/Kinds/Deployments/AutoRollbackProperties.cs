using CsCheck;
using Orchestrator.Actors.Kinds.Deployments;

namespace Orchestrator.Tests.Kinds.Deployments;

public sealed class AutoRollbackProperties
{
    private static readonly Gen<string> Image = Gen.Int[0, 4].Select(i => new[] { "v1", "v2", "v3", "broken1", "broken2" }[i]);

    [Fact]
    public void A_template_of_the_user_is_rolled_back_at_most_once_and_only_to_what_was_complete()
    {
        Gen.Select(Gen.Int[1, 4], Gen.Select(Image, Gen.Int[0, 1000].Array[0, 30], Gen.Bool, Gen.Int[0, 4]).Array[1, 6]).Sample((replicas, changes) =>
        {
            var world = new RolloutWorld(RolloutWorld.NewDeployment(replicas));
            world.Deployment.Metadata.Annotations = new Dictionary<string, string> { [AutoRollback.Annotation] = "true" };
            var complete = new HashSet<string>();
            var before = 0;
            void Check()
            {
                if (world.ReplicaSets.Where(r => r.Spec.Replicas > 0).ToList() is [var only] && world.Available == only.Spec.Replicas)
                {
                    complete.Add(world.ImageOf(only));
                }

                Assert.All(world.Rollbacks, r => Assert.Contains(world.ImageOf(r.To), complete));
                Assert.True(world.Rollbacks.Count <= before + 1, "rolled back twice for one template");
            }

            foreach (var (image, choices, isLate, replicasNow) in changes)
            {
                before = world.Rollbacks.Count;
                world.SetImage(image);
                foreach (var choice in choices)
                {
                    world.Step(choice);
                    Check();
                }

                world.SetReplicas(replicasNow);
                world.Settle(Check);
                if (isLate)
                {
                    world.Expire(Check);
                    world.Expire(Check);
                }
            }

            before = world.Rollbacks.Count;
            world.SetReplicas(replicas);
            world.SetImage("final");
            world.Settle(Check);
            world.Expire(Check);
            Assert.Equal((replicas, before), (world.WithImage("final").Spec.Replicas, world.Rollbacks.Count));
            Assert.Null(world.Condition(AutoRollback.RolledBack));
        });
    }
}
