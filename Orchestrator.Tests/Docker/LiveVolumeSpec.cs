using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>Volumes of a pod that runs follow what they show.</summary>
[Collection(DockerHost.Name)]
public sealed class LiveVolumeSpec(DockerHost host)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    [RootFact]
    public async Task Configuration_and_fields_change_in_a_pod_that_runs()
    {
        await MapAsync("live", "level", "one");
        await SecretAsync("one");
        await CreateAsync(host.Node, "reader", "Always", $$"""
            "containers": [ {{Runs("sleep 3600")}},
              "volumeMounts": [ { "name": "map", "mountPath": "/map" }, { "name": "secret", "mountPath": "/secret" }, { "name": "fields", "mountPath": "/fields" }, { "name": "all", "mountPath": "/all" },
                { "name": "map", "mountPath": "/once", "subPath": "level" } ] } ],
            "volumes": [ { "name": "map", "configMap": { "name": "live" } }, { "name": "secret", "secret": { "secretName": "live" } },
              { "name": "fields", "downwardAPI": { "items": [ { "path": "labels", "fieldRef": { "fieldPath": "metadata.labels" } } ] } },
              { "name": "all", "projected": { "sources": [ { "configMap": { "name": "live" } }, { "secret": { "name": "live" } }, { "configMap": { "name": "maybe", "optional": true } },
                { "downwardAPI": { "items": [ { "path": "tier", "fieldRef": { "fieldPath": "metadata.annotations['tier']" } } ] } } ] } } ]
            """);
        var pod = await PodIsAsync(host.Node, "reader", p => (string?)p["status"]?["phase"] == "Running");
        await ShowsAsync("one one one one");

        await MapAsync("live", "level", "two", HttpMethod.Put);
        await SecretAsync("two", HttpMethod.Put);
        await host.Node.AskAsync(HttpMethod.Patch, "/api/v1/namespaces/default/pods/reader", """{"metadata":{"labels":{"app":"iron"},"annotations":{"tier":"gold"}}}""", "application/merge-patch+json");
        await ShowsAsync("two two two two", "app=\"iron\"", "gold");
        Assert.Equal("one", await ReadAsync("cat /once"));

        await MapAsync("maybe", "extra", "here");
        await ShowsAsync("two two two two here");
        await host.Node.AskAsync(HttpMethod.Delete, "/api/v1/namespaces/default/configmaps/maybe");
        await ShowsAsync("two two two two");

        // What is needed and gone stays as it was, with an Event, until it is there again.
        await host.Node.AskAsync(HttpMethod.Delete, "/api/v1/namespaces/default/configmaps/live");
        await Poll.UntilAsync(async () => (await host.Node.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Dreader"))["items"]!.AsArray()
            .Any(e => (string?)e!["reason"] == "FailedMount" && (string?)e["message"] == "Volume map keeps its content: configmap \"live\" not found"), Bound, () => $"the Event is there; the node said: {host.Node.Output}");
        await ShowsAsync("two two two two");
        await MapAsync("live", "level", "three");
        await ShowsAsync("three two three two");

        // A container that an agent took over follows too.
        var worker = (string)pod["status"]!["containerStatuses"]![0]!["containerID"]!;
        await host.Node.KillAsync();
        await host.Node.RestartAsync();
        await SecretAsync("four", HttpMethod.Put);
        await ShowsAsync("three four three four");
        var after = (await PodAsync(host.Node, "reader"))["status"]!["containerStatuses"]![0]!;
        Assert.Equal((worker, 0), ((string)after["containerID"]!, (int)after["restartCount"]!));
    }

    private Task MapAsync(string name, string key, string value, HttpMethod? method = null) => host.Node.AskAsync(method ?? HttpMethod.Post,
        $"/api/v1/namespaces/default/configmaps{(method is null ? "" : $"/{name}")}", $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}"},"data":{"{{key}}":"{{value}}"} }""");

    private Task SecretAsync(string value, HttpMethod? method = null) => host.Node.AskAsync(method ?? HttpMethod.Post,
        $"/api/v1/namespaces/default/secrets{(method is null ? "" : "/live")}", $$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"live"},"stringData":{"word":"{{value}}"} }""");

    // The files in their order, one a line; a file that is not there has no line.
    private async Task ShowsAsync(string files, string? labels = null, string? tier = null)
    {
        string? seen = null;
        await Poll.UntilAsync(
            async () => (seen = await ReadAsync("for f in /map/level /secret/word /all/level /all/word /all/extra; do test -e $f && cat $f && echo; done; echo /; cat /fields/labels; echo; cat /all/tier"))
                .Split("/\n") is [var first, var rest] && first.Trim().Replace('\n', ' ') == files
                && rest.Contains(labels ?? "", StringComparison.Ordinal) && rest.EndsWith(tier ?? "", StringComparison.Ordinal),
            Bound, () => $"the container sees {files} {labels} {tier}: {seen}; the node said: {host.Node.Output}");
    }

    private async Task<string> ReadAsync(string script) =>
        (await Command.RunAsync("docker", ["exec", await host.ContainerAsync("reader", "main"), "sh", "-c", script], Bound)).Output;
}
