using System.Net;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.ApiServer.Monitoring;

/// <summary>The metrics of a running host tell what happened on it and what state the cluster is in.</summary>
public sealed class MetricsSpec : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private NodeProcess _node = null!;

    public async Task InitializeAsync() => _node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 2));

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task A_workload_shows_in_the_metrics_of_everyone_who_acts_on_it()
    {
        await _node.CreateNamespaceAsync("shop");
        await _node.AskAsync(HttpMethod.Post, "/apis/apps/v1/namespaces/shop/deployments", Deployment("web", 3, ""), "application/yaml");
        var m = await UntilAsync(m => m.Find("kube_deployment_status_replicas_available{namespace=\"shop\"}") == 3);
        Assert.Equal(3, m["kube_deployment_spec_replicas{namespace=\"shop\"}"]);
        Assert.Equal(3, m["kube_replicaset_status_ready_replicas{namespace=\"shop\"}"]);
        Assert.Equal(3, m["kube_pod_status_phase{namespace=\"shop\",phase=\"Running\"}"]);
        Assert.Equal(3, m["kube_pod_status_ready{namespace=\"shop\",condition=\"true\"}"]);
        Assert.Equal(0, m["kube_pod_container_status_restarts_total{namespace=\"shop\"}"]);
        Assert.Equal(1, m["kube_deployment_status_condition{namespace=\"shop\",condition=\"Available\",status=\"true\"}"]);
        Assert.Equal(2, m["kube_node_status_condition{condition=\"Ready\",status=\"true\"}"]);
        Assert.Equal(0, m["kube_node_spec_unschedulable"]);
        Assert.Equal(3, m["scheduler_schedule_attempts_total{result=\"scheduled\"}"]);
        Assert.Equal(3, m["scheduler_pod_scheduling_sli_duration_seconds_count"]);
        Assert.Equal((0, 0), (m["scheduler_pending_pods{queue=\"active\"}"], m["scheduler_pending_pods{queue=\"unschedulable\"}"]));
        Assert.Equal(3, m["kubelet_runtime_operations_total{operation_type=\"start_container\"}"]);
        Assert.Equal(3, m["kubelet_pod_worker_duration_seconds_count{operation_type=\"start_container\"}"]);
        Assert.True(m["workqueue_work_duration_seconds_count{name=\"deployments.apps\"}"] > 0);
        Assert.True(m["workqueue_adds_total{name=\"replicasets.apps\"}"] > 0);

        await _node.AskAsync(HttpMethod.Post, "/apis/apps/v1/namespaces/shop/deployments", Deployment("nowhere", 2, "nodeSelector: {disk: none}"), "application/yaml");
        m = await UntilAsync(m => m["scheduler_pending_pods{queue=\"unschedulable\"}"] == 2);
        Assert.Equal(2, m["kube_pod_status_phase{namespace=\"shop\",phase=\"Pending\"}"]);
        Assert.True(m["scheduler_schedule_attempts_total{result=\"unschedulable\"}"] >= 2);

        await _node.AskAsync(HttpMethod.Delete, "/api/v1/namespaces/shop");
        m = await UntilAsync(m => m["apiserver_storage_objects{resource=\"namespaces\"}"] == 4);
        Assert.DoesNotContain(m.Series, s => s.StartsWith("kube_", StringComparison.Ordinal) && s.Contains("namespace=\"shop\"", StringComparison.Ordinal));
        Assert.Equal(0, m["scheduler_pending_pods{queue=\"unschedulable\"}"]);
    }

    [Fact]
    public async Task Requests_are_counted_by_verb_and_code_and_their_labels_are_few()
    {
        using (var watch = await _node.OpenAsync("/api/v1/configmaps?watch=true"))
        {
            var open = await Exposition.OfAsync(_node);
            Assert.Equal(1, open["apiserver_longrunning_requests{verb=\"WATCH\",resource=\"configmaps\",subresource=\"\"}"]);
            Assert.Equal((1, 0), (open["orchestrator_watches"], open["orchestrator_watches_lagging"]));
            Assert.Equal(1, open["apiserver_current_inflight_requests{request_kind=\"readOnly\"}"]); // This one.
        }

        var m = await UntilAsync(m => m.Find("apiserver_request_total{verb=\"WATCH\",resource=\"configmaps\",subresource=\"\",code=\"200\"}") == 1);
        Assert.Equal(0, m["apiserver_longrunning_requests{verb=\"WATCH\",resource=\"configmaps\",subresource=\"\"}"]);
        Assert.Null(m.Find("apiserver_request_duration_seconds_count{verb=\"WATCH\",resource=\"configmaps\"}"));
        for (var i = 0; i < 3; i++)
        {
            foreach (var path in (string[])[$"/api/v1/namespaces/default/configmaps/m{i}", $"/api/v1/namespaces/default/pods/p/made-up-{i}", $"/apis/made.up{i}/v1/things"])
            {
                var refused = await Assert.ThrowsAsync<HttpRequestException>(() => _node.AskAsync(HttpMethod.Get, path));
                Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
            }

            using var strange = new HttpRequestMessage(new HttpMethod("STRANGE" + i), "/api/v1/nodes");
            using var answer = await _node.Anonymous.SendAsync(strange);
        }

        m = await Exposition.OfAsync(_node);
        Assert.Equal(3, m["apiserver_request_total{verb=\"GET\",resource=\"configmaps\",subresource=\"\",code=\"404\"}"]);
        Assert.Equal(6, m["apiserver_request_total{verb=\"GET\",resource=\"\",subresource=\"\",code=\"404\"}"]);
        Assert.Equal(3, m["apiserver_request_total{verb=\"OTHER\",resource=\"nodes\",subresource=\"\",code=\"401\"}"]);
        Assert.DoesNotContain(m.Series, s => s.Contains("made-up", StringComparison.Ordinal) || s.Contains("STRANGE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Journal_cache_checks_and_certificates_show_their_state()
    {
        var before = DateTimeOffset.UtcNow.AddMinutes(-10).ToUnixTimeSeconds();
        var m = await Exposition.OfAsync(_node);
        Assert.Equal((1, 0), (m["orchestrator_journal_up"], m["orchestrator_journal_full"]));
        Assert.InRange(m["orchestrator_journal_size_bytes"], 4096, 1L << 30);
        Assert.InRange(m["orchestrator_journal_oldest_event_timestamp_seconds"], before, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        foreach (var reason in (string[])["full", "unavailable", "unknown", "rejected"])
        {
            Assert.Equal(0, m[$"orchestrator_journal_failed_writes_total{{reason=\"{reason}\"}}"]);
        }

        Assert.True(m["orchestrator_cache_ring_changes{ring=\"objects\"}"] > 0);
        Assert.Equal((0, 0), (m["orchestrator_cache_lag_revisions"], m["orchestrator_cache_unreadable_objects"]));
        foreach (var check in (string[])["ping", "started", "journal"])
        {
            Assert.Equal(1, m[$"kubernetes_healthcheck{{name=\"{check}\",type=\"readyz\"}}"]);
        }

        const double Day = 24 * 3600;
        foreach (var (certificate, days) in ((string, double)[])[("apiserver", 365), ("admin", 365), ("ca", 3652), ("cluster-ca", 3652)])
        {
            Assert.InRange(m[$"orchestrator_certificate_ttl_seconds{{certificate=\"{certificate}\"}}"], (days - 1) * Day, (days + 1) * Day);
        }

        Assert.Contains(m.Series, s => s.StartsWith("kubernetes_build_info{git_version=\"v1.", StringComparison.Ordinal));
        Assert.True(m["process_cpu_seconds_total"] > 0);
        Assert.Equal("counter", m.Families["apiserver_terminated_watchers_total"]); // Nothing was counted yet.
    }

    private async Task<Exposition> UntilAsync(Func<Exposition, bool> isThere)
    {
        var last = await Exposition.OfAsync(_node);
        await Poll.UntilAsync(async () => isThere(last = await Exposition.OfAsync(_node)), Bound, () => $"the metrics are as expected; they are\n{string.Join('\n', last.Series.Where(s => s.StartsWith("kube_", StringComparison.Ordinal) || s.StartsWith("scheduler_", StringComparison.Ordinal)).Select(s => $"{s} {last[s]}"))}\n{_node.Output}");
        return last;
    }

    private static string Deployment(string name, int replicas, string more) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {{name}}
        spec:
          replicas: {{replicas}}
          selector:
            matchLabels:
              app: {{name}}
          template:
            metadata:
              labels:
                app: {{name}}
            spec:
              containers:
              - name: c
                image: busybox
              {{more}}
        """;
}
