using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>What real containers said can be read after their pod was deleted.</summary>
public sealed class DeletedLogSpec
{
    private const string Pod = "/api/v1/namespaces/default/pods/talker";
    private const string Deleted = $"{Pod}/log?orchestrator.io/deleted";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_log_outlives_its_pod_and_an_agent_that_dies_between_keeping_it_and_removing_the_container()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await using var engine = new FaultySocket(Containers.Engine.AbsolutePath);
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, ["--docker-host", $"unix://{engine.Path}"]));

        // The first of its name ends by itself once, the second has two containers, one with a terminal.
        await CreateAsync(node, "talker", "Always", $$"""
            "containers": [ {{Runs("echo first; test -e /v/x && sleep 3600; touch /v/x; echo dying")}}, "volumeMounts": [ { "name": "v", "mountPath": "/v" } ] } ], "volumes": [ { "name": "v", "emptyDir": {} } ]
            """);
        var first = (string)(await PodIsAsync(node, "talker", p => (int?)p["status"]?["containerStatuses"]?[0]?["restartCount"] == 1
            && p["status"]!["containerStatuses"]![0]!["state"]!["running"] is not null))["metadata"]!["uid"]!;
        await DeleteAsync(node);
        Assert.Equal("first\n", await node.ReadAsync($"{Deleted}=true"));
        Assert.Equal("first\ndying\n", await node.ReadAsync($"{Deleted}=true&previous=true"));
        Assert.Equal("dying\n", await node.ReadAsync($"{Deleted}=true&previous=true&tailLines=1"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\S+Z first\n$", await node.ReadAsync($"{Deleted}=true&timestamps=true"));

        await CreateAsync(node, "talker", "Never", $$"""
            "containers": [ {{Runs("seq 1 3; head -c 40000 /dev/zero | tr '\\\\0' x; echo; echo end")}} }, {{Runs("echo on a terminal; sleep 3600", "other")}}, "tty": true } ]
            """);
        await PodIsAsync(node, "talker", p => p["status"]?["containerStatuses"]?.AsArray().Count(c => c!["state"]!["terminated"] is not null) == 1);

        // The log is kept, the container is not removed any more.
        engine.Fault = (_, line) => line.StartsWith("DELETE /containers/", StringComparison.Ordinal) ? SocketFault.Hang : SocketFault.None;
        await node.AskAsync(HttpMethod.Delete, Pod);
        await engine.Hung.WaitAsync(Bound);
        await node.KillAsync();
        engine.Fault = (_, _) => SocketFault.None;
        await node.RestartAsync();
        await GoneAsync(node);
        var whole = $"1\n2\n3\n{new string('x', 40000)}\nend\n";
        Assert.Equal(whole, await node.ReadAsync($"{Deleted}=true&container=main"));
        Assert.Equal("on a terminal\r\n", await node.ReadAsync($"{Deleted}=true&container=other"));
        Assert.Empty(Directory.GetFiles(Path.Combine(node.DataDir, "deleted-logs"), "*.part", SearchOption.AllDirectories));

        var kept = (await node.AskAsync(HttpMethod.Get, $"{Deleted}=list"))["items"]!.AsArray();
        Assert.Equal(["main 0", "main 0", "main 1", "other 0"], kept.Select(k => $"{k!["container"]} {k["attempt"]}").Order(StringComparer.Ordinal));
        Assert.Equal(2, kept.Select(k => (string)k!["uid"]!).Distinct().Count());
        Assert.Equal("first\n", await node.ReadAsync($"{Deleted}=true&orchestrator.io/uid={first}"));

        var orc = await OrcAsync(node, "logs --deleted talker");
        orc.EndedWith(1);
        Assert.Contains($"{first}   ", orc.Output, StringComparison.Ordinal);
        Assert.Contains("There were 2 pods talker: choose one with --uid.", orc.Error, StringComparison.Ordinal);
        Assert.Equal("dying\n", (await OrcAsync(node, $"logs --deleted talker --uid {first} -c main --previous --tail=1")).Succeeded());
        Assert.Contains("No log is kept of a deleted pod nobody in namespace default", (await OrcAsync(node, "logs --deleted nobody")).Error, StringComparison.Ordinal);

        // A live pod of the name has a log of its own.
        await CreateAsync(node, "talker", "Never", $$"""
            "containers": [ {{Runs("echo alive; sleep 3600")}} } ]
            """);
        await PodIsAsync(node, "talker", p => (string?)p["status"]?["phase"] == "Running");
        await Poll.UntilAsync(async () => await node.ReadAsync($"{Pod}/log") == "alive\n", Bound, () => "it says so");
        Assert.Equal(whole, await node.ReadAsync($"{Deleted}=true&container=main"));
        await RefusedAsync(node, $"{Deleted}=yes", "must be true, for a log, or list, for what is kept");
        await RefusedAsync(node, $"{Deleted}=true", "choose one of: [main other]");
        await RefusedAsync(node, $"{Deleted}=true&container=main&follow=true", "follow cannot be used");
        await RefusedAsync(node, $"{Deleted}=true&container=main&previous=true", "not found");
        await RefusedAsync(node, $"{Deleted}=true&orchestrator.io/uid=..%2F..", "no log is kept");
    }

    private static async Task DeleteAsync(NodeProcess node)
    {
        await node.AskAsync(HttpMethod.Delete, Pod);
        await GoneAsync(node);
    }

    // Deleted without grace, the object goes first.
    private static Task GoneAsync(NodeProcess node) => Poll.UntilAsync(
        async () => (await node.Admin.GetAsync(new Uri(Pod, UriKind.Relative))).StatusCode == HttpStatusCode.NotFound && (await Containers.ListAsync(node.Name)).Count == 0,
        Bound, () => $"the pod is gone; the node said: {node.Output}");

    private static async Task RefusedAsync(NodeProcess node, string path, string why)
    {
        using var answer = await node.Admin.GetAsync(new Uri(path, UriKind.Relative));
        var status = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal("Failure", (string?)status["status"]);
        Assert.Contains(why, (string?)status["message"], StringComparison.Ordinal);
    }

    private static Task<CommandResult> OrcAsync(NodeProcess node, string line) => Command.RunAsync(Path.Combine(AppContext.BaseDirectory, "orc"),
        [.. line.Split(' '), "--kubeconfig", node.Kubeconfig], Bound);
}
