using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>A control host, and a worker in a process of its own with containers that serve, talk and have ended.</summary>
[CollectionDefinition(Name)]
public sealed class StreamsHost : IAsyncLifetime, ICollectionFixture<StreamsHost>
{
    public const string Name = "streams";
    public const int Page = 100_000;
    private NodeProcess _node = null!;
    private NodeProcess _worker = null!;

    /// <summary>The API of the control host.</summary>
    internal NodeProcess Api => _node;

    internal Kubectl Kubectl(string version) => _node.Kubectl(version, "default");

    public async Task InitializeAsync()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await Kit.Kubectl.FetchOldAsync();
        _node = await NodeProcess.StartAsync(new NodeSettings(Options: ["--roles", "control"]));
        _worker = await NodeProcess.StartAsync(new NodeSettings("docker", 0, Seed: _node));
        await CreateAsync(_node, "web", "Always", $$"""
            "containers": [ {{Runs($"mkdir /w; head -c {Page} /dev/zero > /w/page; mkdir /w/cgi-bin; printf '#!/bin/sh\\necho; exec cat' > /w/cgi-bin/echo; chmod +x /w/cgi-bin/echo; httpd -p 127.0.0.1:8080 -h /w; sleep 3600")}} }, {{Runs("echo in the other one > /name; sleep 3600", "other")}} },
             {{Runs("while :; do (sleep 1; printf 'HTTP/1.0 200 OK\\\\r\\\\n\\\\r\\\\nheard') | nc -l -p 9000; done", "echo")}}, "ports": [ { "containerPort": 9000 } ] } ]
            """);
        await CreateAsync(_node, "over", "Never", $$"""
            "containers": [ {{Runs("exit 0")}} } ]
            """);
        foreach (var version in Kit.Kubectl.StreamVersionNames)
        {
            await CreateAsync(_node, $"talk-{version}", "Never", $$"""
                "containers": [ {{Runs("read line; echo heard $line")}}, "stdin": true, "stdinOnce": true } ]
                """);
            await PodIsAsync(_node, $"talk-{version}", p => (string?)p["status"]!["phase"] == "Running");
        }

        await PodIsAsync(_node, "web", p => (string?)p["status"]!["phase"] == "Running");
        await PodIsAsync(_node, "over", p => (string?)p["status"]!["phase"] == "Succeeded");
        await Kubectl(Kit.Kubectl.Newest).WaitForAsync("exec web -c main -- ls /w/page", _ => true);
    }

    public async Task DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _node.DisposeAsync();
    }
}
