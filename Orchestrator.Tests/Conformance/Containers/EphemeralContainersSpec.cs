using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Conformance.Containers;

/// <summary>Containers that are added to a running pod.</summary>
[Collection(ContainersHost.Name)]
public sealed class EphemeralContainersSpec(ContainersHost host)
{
    private const string Pods = "/api/v1/namespaces/default/pods";

    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    [Conformance("Ephemeral Containers will start an ephemeral container in an existing pod")]
    public async Task Kubectl_debug_looks_into_a_container(string version)
    {
        var pod = $"debugged-{version.Replace('.', '-')}";
        await RunAsync(pod);
        var kubectl = host.Node.Kubectl(version, "default");
        (await kubectl.RunAsync("debug", pod, $"--image={SampleImage.First}", "--image-pull-policy=IfNotPresent", "--target=main", "-c", "looker", "--", "sh", "-c", "ps -o args; hostname")).Succeeded();
        var log = await kubectl.WaitForAsync($"logs {pod} -c looker", t => t.Contains(pod, StringComparison.Ordinal));
        Assert.Contains("sleep 3601", log, StringComparison.Ordinal); // A process of the target, and the name of the pod.
        var ended = await PodIsAsync(host.Node, pod, p => p["status"]!["ephemeralContainerStatuses"]?[0]!["state"]!["terminated"] is not null);
        Assert.Equal(("Running", 0, 0), ((string?)ended["status"]!["phase"], (int)ended["status"]!["ephemeralContainerStatuses"]![0]!["state"]!["terminated"]!["exitCode"]!, (int)ended["status"]!["containerStatuses"]![0]!["restartCount"]!));
        Assert.Contains("Ephemeral Containers:", await kubectl.SucceedAsync($"describe pod {pod}"), StringComparison.Ordinal);

        // One that runs can be joined and is stopped with its pod.
        (await kubectl.RunAsync("debug", pod, $"--image={SampleImage.First}", "--image-pull-policy=IfNotPresent", "-c", "stays", "--", "sleep", "3600")).Succeeded();
        await kubectl.WaitForAsync($"exec {pod} -c stays -- hostname", t => t.Trim() == pod);
        await kubectl.SucceedAsync($"delete pod {pod}");
        var uid = (string)ended["metadata"]!["uid"]!;
        await Poll.UntilAsync(async () => (await Kit.Containers.ListAsync(host.Node.Name)).All(c => c.Pod != uid), TimeSpan.FromSeconds(30), () => $"nothing of {pod} is left");
    }

    [Fact]
    [Conformance("Ephemeral Containers should update the ephemeral containers in an existing pod")]
    public async Task Ephemeral_containers_are_added_to_by_their_subresource_only()
    {
        const string One = "/ephemeralcontainers";
        await RunAsync("added-to");
        var path = $"{Pods}/added-to";
        var one = await host.Node.AskAsync(HttpMethod.Patch, path + One, Added("one"), "application/strategic-merge-patch+json");
        Assert.Equal("one", (string?)one["spec"]!["ephemeralContainers"]!.AsArray().Single()!["name"]);
        await PodIsAsync(host.Node, "added-to", p => p["status"]!["ephemeralContainerStatuses"]?[0]!["state"]!["running"] is not null);

        var replaced = await host.Node.AskAsync(HttpMethod.Get, path + One);
        replaced["spec"]!["ephemeralContainers"]!.AsArray().Add(JsonNode.Parse(Added("two"))!["spec"]!["ephemeralContainers"]![0]!.DeepClone());
        replaced["metadata"]!["labels"] = new JsonObject { ["not"] = "taken" };
        var two = await host.Node.AskAsync(HttpMethod.Put, path + One, replaced.ToJsonString());
        Assert.Equal(2, two["spec"]!["ephemeralContainers"]!.AsArray().Count);
        Assert.Null(two["metadata"]!["labels"]);
        await PodIsAsync(host.Node, "added-to", p => p["status"]!["ephemeralContainerStatuses"]?.AsArray().Count == 2 && p["status"]!["ephemeralContainerStatuses"]![1]!["state"]!["running"] is not null);

        await RefusedAsync(path + One, """{ "spec": { "ephemeralContainers": [ { "name": "one", "$patch": "delete" } ] } }""", "may not be removed");
        await RefusedAsync(path + One, """{ "spec": { "ephemeralContainers": [ { "name": "one", "image": "other:1" } ] } }""", "may not be changed");
        await RefusedAsync(path + One, """{ "spec": { "ephemeralContainers": [ { "name": "main", "image": "x:1" } ] } }""", "Duplicate value");
        await RefusedAsync(path + One, """{ "spec": { "ephemeralContainers": [ { "name": "bad", "image": "x:1", "ports": [ { "containerPort": 80 } ], "targetContainerName": "nobody" } ] } }""", "cannot be set for an Ephemeral Container");
        await RefusedAsync(path, Added("three"), "may only be changed by way of the subresource ephemeralcontainers");
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => CreateAsync(host.Node, "born-with", "Never", $$"""
            "ephemeralContainers": [ { "name": "e", "image": "x:1" } ], "containers": [ {{Runs("exit 0")}} } ]
            """));
        Assert.Contains("cannot be set on create", refused.Message, StringComparison.Ordinal);
    }

    private static string Added(string name) => $$"""
        { "spec": { "ephemeralContainers": [ { "name": "{{name}}", "image": "{{SampleImage.First}}", "imagePullPolicy": "IfNotPresent", "command": [ "sleep", "3600" ] } ] } }
        """;

    private async Task RunAsync(string name)
    {
        await CreateAsync(host.Node, name, "Always", $$"""
            "containers": [ {{Runs("sleep 3601; true")}} } ]
            """);
        await PodIsAsync(host.Node, name, p => (string?)p["status"]!["phase"] == "Running");
    }

    private async Task RefusedAsync(string path, string patch, string why)
    {
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => host.Node.AskAsync(HttpMethod.Patch, path, patch, "application/strategic-merge-patch+json"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }
}
