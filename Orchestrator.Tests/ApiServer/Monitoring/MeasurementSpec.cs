using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Monitoring;
using Orchestrator.Node.ApiServer.Requests;
using Prometheus;

namespace Orchestrator.Tests.ApiServer.Monitoring;

/// <summary>What a measurement costs and says.</summary>
public class MeasurementSpec
{
    private readonly IMetricFactory _metrics = Metrics.WithCustomRegistry(Metrics.NewCustomRegistry());

    [Fact]
    public void A_request_and_a_commit_are_measured_without_allocation()
    {
        var requests = new RequestMetrics(_metrics);
        using var exporter = new InstrumentExporter(_metrics);
        var http = new DefaultHttpContext();
        http.Request.Method = "PUT";
        var path = ResourcePath.Parse("/apis/apps/v1/namespaces/default/deployments/web", new ResourceRegistry());
        Assert.Equal(0, Allocated(() =>
        {
            requests.Begun(http, path);
            requests.Ended(http, path, TimeSpan.FromMilliseconds(3));
            JournalInstruments.Events.Add(2);
            JournalInstruments.BatchSeconds.Record(0.001);
            ControllerInstruments.Woken("deployments.apps");
            ControllerInstruments.Rejected("deployments.apps", ApiReason.Conflict);
        }));
    }

    [Fact]
    public void Restarts_of_all_containers_of_all_pods_of_a_namespace_are_summed()
    {
        var metric = Assert.Single(PodDefinition.Instance.Metrics, m => m.Name == "kube_pod_container_status_restarts_total");
        var sums = metric.Sum([Pod("a", "x", 3, 2), Pod("a", "y", 1), Pod("b", "z", 4)]);
        Assert.Equal([("a", 6d), ("b", 4d)], sums.Select(s => (s.Key.First, s.Value)).Order());
    }

    // Per call, after the first.
    private static long Allocated(Action call)
    {
        const int Calls = 1_000;
        for (var i = 0; i < Calls; i++)
        {
            call();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Calls; i++)
        {
            call();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / Calls;
    }

    private static KubeObject Pod(string space, string name, params int[] restarts) => KubeObject.From(PodDefinition.Instance, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = space },
        ["status"] = new JsonObject { ["containerStatuses"] = new JsonArray([.. restarts.Select(r => new JsonObject { ["restartCount"] = r })]) },
    });
}
