using System.Globalization;
using Orchestrator.Tests.WithKubectl;

namespace Orchestrator.Tests.Conformance;

/// <summary>Where pods are scheduled, and where not.</summary>
[Collection(KubectlCollection.Name)]
public sealed class PlacementSpec(KubectlCluster cluster)
{
    [Fact]
    [Conformance("SchedulerPredicates validates resource limits of pods that are allowed to run")]
    public async Task A_pod_that_asks_for_more_than_is_left_waits()
    {
        var (space, node) = await NodeAsync();
        var cpu = double.Parse(await space.Kubectl.SucceedAsync($"get node {node} -o jsonpath={{.status.allocatable.cpu}}"), CultureInfo.InvariantCulture);
        var most = string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(cpu * 600)}m");
        await PodAsync(space, "first", node, $$""" "resources":{"requests":{"cpu":"{{most}}"} } """);
        await RunsAsync(space, "first", node);
        await PodAsync(space, "second", node, $$""" "resources":{"requests":{"cpu":"{{most}}"} } """);
        await WaitsAsync(space, "second", "1 Insufficient cpu");
        await space.Kubectl.SucceedAsync("delete pod first --grace-period=0 --force");
        await RunsAsync(space, "second", node);
    }

    [Fact]
    [Conformance("SchedulerPredicates validates that NodeSelector is respected if matching")]
    [Conformance("SchedulerPredicates validates that NodeSelector is respected if not matching")]
    public async Task A_node_selector_is_respected()
    {
        var (space, node) = await NodeAsync();
        var label = $"picked-{space.Kubectl.Space}";
        await space.PostAsync("pods", "picky", $$"""{"nodeSelector":{"{{label}}":"42"},"containers":[{"name":"main","image":"orchestrator/sample:1"}]}""");
        await WaitsAsync(space, "picky", "3 node(s) didn't match Pod's node affinity/selector");
        await space.Kubectl.SucceedAsync($"label node {node} {label}=42");
        try
        {
            await RunsAsync(space, "picky", node);
        }
        finally
        {
            await space.Kubectl.SucceedAsync($"label node {node} {label}-");
        }
    }

    [Fact]
    [Conformance("SchedulerPredicates validates that there exists conflict between pods with same hostPort and protocol but one using 0.0.0.0 hostIP")]
    public async Task A_port_of_all_addresses_is_taken_at_each()
    {
        var (space, node) = await NodeAsync();
        await PodAsync(space, "all", node, """ "ports":[{"containerPort":80,"hostPort":54322,"hostIP":"0.0.0.0"}] """);
        await RunsAsync(space, "all", node);
        await PodAsync(space, "one", node, """ "ports":[{"containerPort":80,"hostPort":54322,"hostIP":"127.0.0.1"}] """);
        await WaitsAsync(space, "one", "1 node(s) didn't have free ports for the requested pod ports");
        await PodAsync(space, "datagrams", node, """ "ports":[{"containerPort":80,"hostPort":54322,"hostIP":"127.0.0.1","protocol":"UDP"}] """);
        await RunsAsync(space, "datagrams", node);
        await space.Kubectl.SucceedAsync("delete pods --all --grace-period=0 --force");
    }

    private async Task<(ApiSpace Space, string Node)> NodeAsync()
    {
        var space = await ApiSpace.CreateAsync(cluster);
        return (space, await space.Kubectl.SucceedAsync("get nodes -o jsonpath={.items[0].metadata.name}"));
    }

    private static Task PodAsync(ApiSpace space, string name, string node, string fields) => space.PostAsync("pods", name,
        $$"""{"nodeSelector":{"kubernetes.io/hostname":"{{node}}"},"containers":[{"name":"main","image":"orchestrator/sample:1",{{fields}} }]}""");

    private static Task<string> RunsAsync(ApiSpace space, string pod, string node) =>
        space.Kubectl.WaitForAsync($"get pod {pod} -o jsonpath={{.spec.nodeName}}={{.status.phase}}", t => t == $"{node}=Running");

    private static Task<string> WaitsAsync(ApiSpace space, string pod, string why) =>
        space.Kubectl.WaitForAsync($"get pod {pod} -o jsonpath={{.spec.nodeName}}{{.status.conditions[0].message}}", t => t.StartsWith("0/3 nodes", StringComparison.Ordinal) && t.Contains(why, StringComparison.Ordinal));
}
