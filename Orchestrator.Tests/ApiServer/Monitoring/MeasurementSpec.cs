using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Monitoring;
using Orchestrator.Node.ApiServer.Requests;
using Orchestrator.Tests.Kit;
using Prometheus;

namespace Orchestrator.Tests.ApiServer.Monitoring;

/// <summary>What a measurement costs and says.</summary>
public class MeasurementSpec
{
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly IMetricFactory _metrics;

    public MeasurementSpec() => _metrics = Metrics.WithCustomRegistry(_registry);

    [Fact]
    public void A_request_and_a_commit_are_measured_without_allocation()
    {
        var requests = new RequestMetrics(_metrics);
        using var exporter = new InstrumentExporter(_metrics);
        var http = new DefaultHttpContext();
        http.Request.Method = "PUT";
        http.Request.Path = "/apis/apps/v1/namespaces/default/deployments/web";
        var request = RequestInfo.Of(http, new ResourceRegistry());
        Assert.Equal(0, Allocated(() =>
        {
            requests.Begun(http, request);
            requests.Ended(http, request, TimeSpan.FromMilliseconds(3));
            JournalInstruments.Events.Add(2);
            JournalInstruments.BatchSeconds.Record(0.001);
            ControllerInstruments.Woken("deployments.apps");
            ControllerInstruments.Rejected("deployments.apps", ApiReason.Conflict);
        }));
    }

    [Theory]
    [InlineData("GET", "/api/v1/pods", "LIST", "pods", "", "readOnly")]
    [InlineData("GET", "/api/v1/pods?watch=1", "WATCH", "pods", "", null)]
    [InlineData("GET", "/api/v1/namespaces/a/pods/p", "GET", "pods", "", "readOnly")]
    [InlineData("GET", "/api/v1/namespaces/a/pods/p/log", "GET", "pods", "log", "readOnly")]
    [InlineData("GET", "/api/v1/namespaces/a/pods/p/log?follow=true", "GET", "pods", "log", null)]
    [InlineData("POST", "/api/v1/namespaces/a/pods/p/exec", "CONNECT", "pods", "exec", null)]
    [InlineData("GET", "/api/v1/namespaces/a/pods/p:80/proxy/x", "CONNECT", "pods", "proxy", null)]
    [InlineData("HEAD", "/api/v1/pods", "HEAD", "pods", "", "readOnly")]
    [InlineData("POST", "/api/v1/namespaces/a/pods", "POST", "pods", "", "mutating")]
    [InlineData("PUT", "/api/v1/namespaces/a/pods/p", "PUT", "pods", "", "mutating")]
    [InlineData("PATCH", "/api/v1/namespaces/a/pods/p/status", "PATCH", "pods", "status", "mutating")]
    [InlineData("DELETE", "/api/v1/namespaces/a/pods/p", "DELETE", "pods", "", "mutating")]
    [InlineData("DELETE", "/apis/apps/v1/namespaces/a/deployments", "DELETECOLLECTION", "deployments.apps", "", "mutating")]
    [InlineData("GET", "/apis/x.io/v1/namespaces/a/pods/p", "GET", "pods.x.io", "", "readOnly")]
    [InlineData("GET", "/version", "GET", "", "", "readOnly")]
    [InlineData("POST", "/version", "POST", "", "", "mutating")]
    [InlineData("STRANGE", "/version", "OTHER", "", "", "mutating")]
    [InlineData("WATCH", "/api/v1/pods", "OTHER", "pods", "", "mutating")]
    [InlineData("get", "/version", "OTHER", "", "", "mutating")]
    public async Task A_request_is_counted_under_its_verb_and_its_resource(string method, string url, string verb, string resource, string subresource, string? kind)
    {
        var requests = new RequestMetrics(_metrics);
        var registry = new ResourceRegistry();
        registry.Take(null, KubeObject.From(registry.ByResource("customresourcedefinitions.apiextensions.k8s.io")!, (JsonObject)JsonNode.Parse("""
            {"metadata":{"name":"pods.x.io"},"spec":{"group":"x.io","scope":"Namespaced","names":{"plural":"pods","singular":"pod","kind":"Pod","listKind":"PodList"},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]},
             "status":{"conditions":[{"type":"Established","status":"True"}],"acceptedNames":{"plural":"pods","singular":"pod","kind":"Pod","listKind":"PodList"}}}
            """)!));
        var http = new DefaultHttpContext();
        http.Request.Method = method;
        http.Request.Path = url.Split('?')[0];
        http.Request.QueryString = new QueryString(url.Contains('?', StringComparison.Ordinal) ? "?" + url.Split('?')[1] : "");
        var request = RequestInfo.Of(http, registry);
        var underWay = kind is null ? $"apiserver_longrunning_requests{{verb=\"{verb}\",resource=\"{resource}\",subresource=\"{subresource}\"}}"
            : $"apiserver_current_inflight_requests{{request_kind=\"{kind}\"}}";

        requests.Begun(http, request);
        Assert.Equal(1, (await Exposition.OfAsync(_registry))[underWay]);
        requests.Ended(http, request, TimeSpan.FromMilliseconds(3));
        var m = await Exposition.OfAsync(_registry);
        Assert.Equal(0, m[underWay]);
        Assert.Equal(1, m[$"apiserver_request_total{{verb=\"{verb}\",resource=\"{resource}\",subresource=\"{subresource}\",code=\"200\"}}"]);
        Assert.Equal(kind is null ? null : 1, m.Find($"apiserver_request_duration_seconds_count{{verb=\"{verb}\",resource=\"{resource}\"}}"));
    }

    [Fact]
    public void Restarts_of_all_containers_of_all_pods_of_a_namespace_are_summed()
    {
        var metric = Assert.Single(PodDefinition.Instance.Metrics, m => m.Name == "kube_pod_container_status_restarts_total");
        var sums = metric.Sum([Pod("a", "x", 3, 2), Pod("a", "y", 1), Pod("b", "z", 4)]);
        Assert.Equal([("a", 6d), ("b", 4d)], sums.Select(s => (s.Key.First, s.Value)).Order());
    }

    // Per call, after the first.
    // Code that the compiler has not optimized yet allocates more, and on a busy machine that takes a while: what remains in every round is the call's own.
    private static long Allocated(Action call)
    {
        const int Calls = 1_000;
        const int Rounds = 2_000;
        var least = long.MaxValue;
        for (var round = 0; round < Rounds && least > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Calls; i++)
            {
                call();
            }

            least = Math.Min(least, (GC.GetAllocatedBytesForCurrentThread() - before) / Calls);
        }

        return least;
    }

    private static KubeObject Pod(string space, string name, params int[] restarts) => KubeObject.From(PodDefinition.Instance, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = space },
        ["status"] = new JsonObject { ["containerStatuses"] = new JsonArray([.. restarts.Select(r => new JsonObject { ["restartCount"] = r })]) },
    });
}
