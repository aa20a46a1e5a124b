using System.Text.Json.Nodes;
using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Workload;

/// <summary>A Deployment that is scaled and rolled out again and again, and has to be complete in the end.</summary>
internal sealed class Rollout(FaultCluster cluster, Random random)
{
    private const string Path = $"/apis/apps/v1/namespaces/{FaultCluster.Space}/deployments";
    private int _round;

    public async Task CreateAsync() => await cluster.Hosts[0].Api.SendAsync(HttpMethod.Post, Path, JsonNode.Parse($$$$$"""
        {"metadata":{"name":"web"},"spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
         "spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"c","image":"{{{{{FaultCluster.Image}}}}}","imagePullPolicy":"IfNotPresent"}]}}}}
        """));

    public async Task RunAsync(TimeSpan pace, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var spec = new JsonObject
            {
                ["replicas"] = random.Next(1, 7),
                ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["round"] = $"{++_round}" } } },
            };
            await cluster.Any(random).Api.SendAsync(HttpMethod.Patch, $"{Path}/web", new JsonObject { ["spec"] = spec }, "application/merge-patch+json");
            await Task.WhenAny(Task.Delay(pace * random.NextDouble(), stop));
        }
    }

    /// <summary>What is not as its spec says at a host; null if all is.</summary>
    public static async Task<string?> UnmetAsync(ControlHost host)
    {
        var web = (await host.Api.GetAsync($"{Path}/web")).Body;
        var pods = (await host.Api.GetAsync($"/api/v1/namespaces/{FaultCluster.Space}/pods?labelSelector=app%3Dweb")).Body?["items"]?.AsArray();
        var wanted = (int?)web?["spec"]?["replicas"];
        int Count(string name) => (int?)web?["status"]?[name] ?? 0;
        var isMet = wanted is { } n && pods?.Count == n && (long?)web!["metadata"]!["generation"] == (long?)web["status"]?["observedGeneration"]
            && (Count("replicas"), Count("updatedReplicas"), Count("readyReplicas"), Count("availableReplicas")) == (n, n, n, n);
        return isMet ? null : $"the Deployment wants {wanted} at {host.Name}, has {pods?.Count} pods and the status {web?["status"]?.ToJsonString()}";
    }
}
