using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent;

namespace Orchestrator.Tests.Simulation;

/// <summary>Worlds in which somebody ends and removes sandboxes behind the agents' backs.</summary>
internal class WithAccidents : Parts
{
    private const int SlowestSeconds = 10;

    public override void Enter(World world) => Strike(world);

    private static void Strike(World world) => world.Time.After(TimeSpan.FromSeconds(world.Random.NextDouble() * SlowestSeconds), () =>
    {
        if (world.Faults == Faults.None)
        {
            return;
        }

        var node = world.Nodes[world.Random.Next(world.Nodes.Count)];
        if (node.Runtime.List() is { Count: > 0 } pods)
        {
            var pod = pods[world.Random.Next(pods.Count)];
            world.Trace.Note($"{node.Name} loses the sandbox of {pod.Name}");
            node.Runtime.LoseSandbox(pod.Uid, isRemoved: world.Random.Next(2) == 0);
            node.Changed(pod.Uid);
        }

        Strike(world);
    });
}

/// <summary>A bug: containers are left in a sandbox that is gone.</summary>
internal sealed class LeavesContainersBehind : WithAccidents
{
    public override PodStep Next(PodManifest pod, RuntimePodStatus? observed, PodMemory memory, DateTimeOffset now) =>
        base.Next(pod, observed is null ? null : observed with { Containers = [.. observed.Containers.Select(c => c with { SandboxId = observed.SandboxId })], IsSandboxRunning = observed.IsSandboxRunning || observed.Containers.Length > 0 }, memory, now);
}
