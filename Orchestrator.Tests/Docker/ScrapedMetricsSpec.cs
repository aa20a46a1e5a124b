using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>Metrics that real pods expose for Prometheus, on a worker in a process of its own, drive an autoscaler.</summary>
public sealed class ScrapedMetricsSpec
{
    private const string Custom = "/apis/custom.metrics.k8s.io/v1beta2/namespaces/default/pods";

    [Fact]
    public async Task What_pods_expose_is_read_and_drives_an_autoscaler()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("fast.conf"), "orchestrator { metric-resolution = 1s, horizontal-pod-autoscaler { sync-period = 1s, downscale-stabilization = 1s } }\n");
        await using var node = await NodeProcess.StartAsync(new NodeSettings(Options: ["--roles", "control", "--config", folder.File("fast.conf")]));
        await using var worker = await NodeProcess.StartAsync(new NodeSettings("docker", 0, ["--config", folder.File("fast.conf")], Seed: node));
        var kubectl = node.Kubectl(Kubectl.Newest, "default");

        // Each has 30 jobs in its queue and does 5 a second; it listens at localhost alone.
        (await kubectl.FeedAsync($$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: work
            spec:
              selector:
                matchLabels:
                  app: work
              template:
                metadata:
                  labels:
                    app: work
                  annotations:
                    prometheus.io/scrape: "true"
                    prometheus.io/port: "8080"
                spec:
                  terminationGracePeriodSeconds: 0
                  containers:
                  - name: main
                    image: {{SampleImage.First}}
                    imagePullPolicy: IfNotPresent
                    command:
                    - sh
                    - -c
                    - |
                      mkdir /w; echo 30 > /queue; n=0; httpd -p 127.0.0.1:8080 -h /w
                      while :; do
                        n=$((n+5))
                        printf '# TYPE queue_length gauge\nqueue_length %s\njobs_done_total{kind="small"} %s\n' $(cat /queue) $n > /w/new
                        mv /w/new /w/metrics; sleep 1
                      done
            ---
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata:
              name: work
            spec:
              maxReplicas: 3
              scaleTargetRef:
                apiVersion: apps/v1
                kind: Deployment
                name: work
              metrics:
              - type: Pods
                pods:
                  metric:
                    name: queue_length
                  target:
                    type: AverageValue
                    averageValue: "10"
            """, "apply", "-f", "-")).Succeeded();
        await kubectl.WaitForAsync("get deployment work -o jsonpath={.status.readyReplicas}", t => t == "3");
        Assert.Contains("pods metric queue_length above target", await kubectl.SucceedAsync("describe hpa work"), StringComparison.Ordinal);
        await kubectl.WaitForAsync($"get --raw {Custom}/*/queue_length?labelSelector=app=work", t => Values(t) is [30_000, 30_000, 30_000]);

        var rates = await kubectl.WaitForAsync($"get --raw {Custom}/*/jobs_done?metricLabelSelector=kind=small", t => Values(t) is [> 0, > 0, > 0]);
        Assert.All(Values(rates), r => Assert.InRange(r, 2_000, 8_000));
        Assert.Contains("pods/jobs_done", await kubectl.SucceedAsync("get --raw /apis/custom.metrics.k8s.io/v1beta2"), StringComparison.Ordinal);

        foreach (var pod in (await kubectl.SucceedAsync("get pods -o jsonpath={.items[*].metadata.name}")).Split(' '))
        {
            (await kubectl.RunAsync("exec", pod, "--", "sh", "-c", "echo 1 > /queue")).Succeeded();
        }

        await kubectl.WaitForAsync("get deployment work -o jsonpath={.spec.replicas}", t => t == "1");
    }

    [Fact]
    public async Task A_pod_whose_metrics_cannot_be_read_has_an_event()
    {
        (string Name, string Port, string Script, string Why)[] pods =
        [
            ("deaf", "9", "httpd -f -p 8080", "port 9, /metrics: port 9 of the pod cannot be reached: nothing listens there"),
            ("bare", "8080", "mkdir /w; httpd -f -p 8080 -h /w", "port 8080, /metrics: the answer is 404 NotFound"),
            ("page", "8080", "mkdir /w; echo '<html>' > /w/metrics; httpd -f -p 8080 -h /w", "port 8080, /metrics: line 1 is not in the text format of Prometheus: it does not begin with the name of a metric"),
            ("huge", "8080", "mkdir /w; head -c 5000000 /dev/zero > /w/metrics; httpd -f -p 8080 -h /w", "port 8080, /metrics: the page has more than 4 MiB"),
            ("many", "8080", "mkdir /w; for i in $(seq 101); do echo m$i 1; done > /w/metrics; httpd -f -p 8080 -h /w", "only the first 100 values of the page are taken: name those that are needed in annotation orchestrator.io/scrape-metrics"),
            ("wrong", "http", "sleep 3600", "annotation prometheus.io/port must be a port from 1 to 65535, not \"http\""),
        ];
        await SampleImage.ImportAsync(SampleImage.First);
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("fast.conf"), "orchestrator.metric-resolution = 1s\n");
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, ["--config", folder.File("fast.conf")]));
        foreach (var pod in pods)
        {
            await node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", $$"""
                { "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "{{pod.Name}}", "annotations": { "prometheus.io/scrape": "true", "prometheus.io/port": "{{pod.Port}}" } },
                  "spec": { "terminationGracePeriodSeconds": 0, "containers": [ {{Runs(pod.Script)}} } ] } }
                """);
        }

        var kubectl = node.Kubectl(Kubectl.Newest, "default");
        foreach (var pod in pods)
        {
            await kubectl.WaitForAsync($"get events -o jsonpath={{.items[*].message}} --field-selector=reason=FailedScrape,involvedObject.name={pod.Name}",
                t => t.Contains($"The metrics of the pod cannot be taken: {pod.Why}", StringComparison.Ordinal));
        }
    }

    private static long[] Values(string list) => [.. (JsonNode.Parse(list)!["items"] as JsonArray ?? []).Select(i => Orchestrator.Actors.Api.Quantity.Read(i!["value"])!.Value.RoundedToMilli().Nanos / 1_000_000).Select(n => (long)n)];
}
