using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Admission;

/// <summary>Who writes an annotation that has no effect is told.</summary>
public sealed class AnnotationWarningsSpec
{
    private const string None = "there is no such annotation; there are auto-rollback, backend-protocol, connect-timeout, max-body-size, read-timeout, roll-on-config-change, scrape-metrics, sidecars, ssl-redirect, start-after";

    [Theory]
    [InlineData("deployments.apps", """{"metadata":{"annotations":{"orchestrator.io/auto-rollback":"true","orchestrator.io/start-after":"job/a","orchestrator.io/rolled-back-to":"x","a":"b"}}}""", null)]
    [InlineData("deployments.apps", """{"metadata":{"annotations":{"orchestrator.io/auto-rolback":"true"}}}""", $"metadata.annotations[orchestrator.io/auto-rolback]: {None}")]
    [InlineData("deployments.apps", """{"spec":{"template":{"metadata":{"annotations":{"orchestrator.io/start-after":"job/a"}}}}}""",
        "spec.template.metadata.annotations[orchestrator.io/start-after]: it has no effect on pods, but on daemonsets, deployments, jobs, statefulsets")]
    [InlineData("deployments.apps", """{"spec":{"template":{"metadata":{"annotations":{"orchestrator.io/scrape-metrics":"jobs","orchestrator.io/config-versions":"x"}}}}}""", null)]
    [InlineData("deployments.apps", """{"metadata":{"annotations":{"orchestrator.io/scrape-metrics":"jobs"}}}""", "metadata.annotations[orchestrator.io/scrape-metrics]: it has no effect on deployments, but on pods")]
    [InlineData("statefulsets.apps", """{"metadata":{"annotations":{"orchestrator.io/auto-rollback":"true"}}}""", "metadata.annotations[orchestrator.io/auto-rollback]: it has no effect on statefulsets, but on deployments")]
    [InlineData("cronjobs.batch", """{"spec":{"jobTemplate":{"spec":{"template":{"metadata":{"annotations":{"orchestrator.io/x":""}}}}}}}""", $"spec.jobTemplate.spec.template.metadata.annotations[orchestrator.io/x]: {None}")]
    [InlineData("configmaps", """{"metadata":{"annotations":{"orchestrator.io/x":""}}}""", $"metadata.annotations[orchestrator.io/x]: {None}")]
    [InlineData("ingresses.networking.k8s.io", """{"metadata":{"annotations":{"orchestrator.io/read-timeout":"5m","orchestrator.io/max-body-size":"8Mi","orchestrator.io/ssl-redirect":"false"}}}""", null)]
    [InlineData("services", """{"metadata":{"annotations":{"orchestrator.io/read-timeout":"5m"}}}""", "metadata.annotations[orchestrator.io/read-timeout]: it has no effect on services, but on ingresses")]
    [InlineData("configmaps", """{"metadata":{"annotations":{"quota.orchestrator.io/x":"","example.com/orchestrator.io/x":""}}}""", null)]
    public void An_annotation_without_effect_is_warned_of(string resource, string o, string? warning) =>
        Assert.Equal(warning is null ? [] : [warning], Admitter.Warnings(new ResourceRegistry().ByResource(resource)!, (JsonObject)JsonNode.Parse(o)!));
}
