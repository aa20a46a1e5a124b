using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Workers;

/// <summary>A worker that is gone for good: its process is killed and its Node deleted.</summary>
public sealed class DeletedNodeSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(150);

    [Fact]
    public async Task Its_pods_are_removed_and_replaced()
    {
        await using var control = await NodeProcess.StartAsync(new NodeSettings(Options: ["--roles", "control"]));
        await using var lost = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 0, Seed: control));
        await using var other = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 0, Seed: control));
        var kubectl = control.Kubectl(Kubectl.Newest);
        await kubectl.SucceedAsync($"wait node {lost.Name} {other.Name} --for=condition=Ready --timeout=60s");
        await kubectl.SucceedAsync("create deployment d --image=x --replicas=6");
        await kubectl.SucceedAsync("rollout status deploy/d --timeout=60s");
        Assert.Contains(lost.Name, await NodesAsync(kubectl), StringComparison.Ordinal);

        await lost.KillAsync();
        await kubectl.SucceedAsync($"delete node {lost.Name}");
        await Poll.UntilAsync(async () => await NodesAsync(kubectl) is { } nodes && !nodes.Contains(lost.Name, StringComparison.Ordinal)
            && await kubectl.SucceedAsync("get deploy d -o jsonpath={.status.readyReplicas}") == "6", Bound, () => "six pods are ready on the node that is left");
    }

    private static Task<string> NodesAsync(Kubectl kubectl) => kubectl.SucceedAsync("get pods -o jsonpath={.items[*].spec.nodeName}");
}
