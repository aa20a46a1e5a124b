using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent.Scraping;
using k8s.Models;

namespace Orchestrator.Tests.Agent.Scraping;

/// <summary>What annotations say of where a pod's metrics are.</summary>
public sealed class ScrapeTargetSpec
{
    [Theory]
    [InlineData("", "", null)]
    [InlineData("prometheus.io/scrape=false", "8080", null)]
    [InlineData("prometheus.io/scrape=true", "8080", "http 8080 /metrics")]
    [InlineData("prometheus.io/scrape=true", "8080,metrics:9100", "http 9100 /metrics")]
    [InlineData("prometheus.io/scrape=true prometheus.io/port=9090 prometheus.io/path=stats?a=b prometheus.io/scheme=https", "8080", "https 9090 /stats?a=b")]
    [InlineData("prometheus.io/scrape=true", "", "no container has a TCP port: say in annotation prometheus.io/port which one has the metrics")]
    [InlineData("prometheus.io/scrape=true prometheus.io/port=metrics", "8080", "annotation prometheus.io/port must be a port from 1 to 65535, not \"metrics\"")]
    [InlineData("prometheus.io/scrape=true prometheus.io/port=65536", "8080", "annotation prometheus.io/port must be a port from 1 to 65535, not \"65536\"")]
    [InlineData("prometheus.io/scrape=true prometheus.io/scheme=ftp", "8080", "annotation prometheus.io/scheme must be http or https, not \"ftp\"")]
    public void It_is_read_from_the_annotations(string annotations, string ports, string? expected)
    {
        var (target, why) = ScrapeTarget.Of(Pod(annotations, ports));
        Assert.Equal(expected, target is null ? why : $"{(target.IsHttps ? "https" : "http")} {target.Port} {target.Path}");
    }

    [Fact]
    public void Names_may_be_chosen()
    {
        Assert.True(ScrapeTarget.Of(Pod("prometheus.io/scrape=true", "1")).Target!.Takes("anything"));
        var some = ScrapeTarget.Of(Pod("prometheus.io/scrape=true orchestrator.io/scrape-metrics=jobs,http_*", "1")).Target!;
        Assert.Equal([true, false, true, false], new[] { "jobs", "jobs_total", "http_requests", "https" }.Select(some.Takes));
    }

    private static PodManifest Pod(string annotations, string ports) => new(
        new V1ObjectMeta { Annotations = annotations.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(a => a.Split('=', 2)).ToDictionary(a => a[0], a => a[1]) },
        new V1PodSpec
        {
            Containers =
            [
                new V1Container
                {
                    Name = "main",
                    Ports = [.. ports.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split(':')).Select(p => new V1ContainerPort { Name = p.Length > 1 ? p[0] : null, ContainerPort = int.Parse(p[^1], System.Globalization.CultureInfo.InvariantCulture) })],
                },
            ],
        });
}
