using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>Images of a registry that asks who pulls.</summary>
[Collection(DockerHost.Name)]
public sealed class PullSecretSpec(DockerHost host) : IAsyncLifetime
{
    private readonly LoopbackRegistry _registry = new("anna", "secret-word");
    private readonly List<string> _images = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _registry.DisposeAsync();
        foreach (var image in _images)
        {
            await Command.RunAsync("docker", ["rmi", "-f", image], TimeSpan.FromSeconds(30));
        }
    }

    [Theory]
    [InlineData("json", "kubernetes.io/dockerconfigjson")]
    [InlineData("cfg", "kubernetes.io/dockercfg")]
    public async Task The_secret_of_a_pod_logs_in_to_its_registry(string name, string type)
    {
        await SecretAsync($"login-{name}", type, _registry.Host, "secret-word");
        await PodAsync($"pull-{name}", $$"""
            "imagePullSecrets": [ { "name": "login-{{name}}" } ]
            """);
        await PulledAsync($"pull-{name}");
        Assert.All(_registry.Logins, l => Assert.Equal("anna:secret-word", l));
        Assert.DoesNotContain("secret-word", host.Node.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_secret_of_its_account_does_so_too()
    {
        await SecretAsync("login-account", "kubernetes.io/dockerconfigjson", _registry.Host, "secret-word");
        await host.Node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"puller"},"imagePullSecrets":[{"name":"login-account"}]}""");
        await PodAsync("pull-account", """
            "serviceAccountName": "puller"
            """);
        Assert.Equal("login-account", (string?)(await PodCalls.PodAsync(host.Node, "pull-account"))["spec"]!["imagePullSecrets"]![0]!["name"]);
        await PulledAsync("pull-account");
    }

    [Fact]
    public async Task No_other_registry_gets_it_and_a_wrong_one_is_told()
    {
        await SecretAsync("login-elsewhere", "kubernetes.io/dockerconfigjson", "registry.example.com", "secret-word");
        await SecretAsync("login-wrong", "kubernetes.io/dockerconfigjson", _registry.Host, "wrong-word");
        await PodAsync("pull-elsewhere", """
            "imagePullSecrets": [ { "name": "login-elsewhere" }, { "name": "login-gone" } ]
            """);
        Assert.Contains("Unable to retrieve some image pull secrets (login-gone)", await FailedAsync("pull-elsewhere"), StringComparison.Ordinal);
        Assert.Empty(_registry.Logins);

        await PodAsync("pull-wrong", """
            "imagePullSecrets": [ { "name": "login-wrong" } ]
            """);
        Assert.DoesNotContain("wrong-word", await FailedAsync("pull-wrong"), StringComparison.Ordinal);
        Assert.Contains("anna:wrong-word", _registry.Logins);
    }

    private Task SecretAsync(string name, string type, string server, string password)
    {
        var login = new JsonObject { [server] = new JsonObject { ["auth"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"anna:{password}")) } };
        var (key, config) = type.EndsWith("json", StringComparison.Ordinal) ? (".dockerconfigjson", new JsonObject { ["auths"] = login }) : (".dockercfg", login);
        return host.Node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/secrets", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name }, ["type"] = type, ["stringData"] = new JsonObject { [key] = config.ToJsonString() },
        }.ToJsonString());
    }

    private Task PodAsync(string name, string spec)
    {
        _images.Add($"{_registry.Host}/{name}:1");
        return CreateAsync(host.Node, name, "Never", $$"""
            {{spec}}, "containers": [ { "name": "main", "image": "{{_images[^1]}}", "command": [ "/hello" ] } ]
            """);
    }

    private Task PulledAsync(string pod) => EventAsync(pod, "Pulled", $"Successfully pulled image \"{_registry.Host}/{pod}:1\"");

    private Task EventAsync(string pod, string reason, string message) => Poll.UntilAsync(async () =>
        (await host.Node.AskAsync(HttpMethod.Get, $"/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3D{pod}"))["items"]!.AsArray()
            .Any(e => (string?)e!["reason"] == reason && (string?)e["message"] == message),
        TimeSpan.FromSeconds(60), () => $"the Event {reason} of {pod} is there; the node said: {host.Node.Output}");

    private async Task<string> FailedAsync(string pod)
    {
        var failed = await PodIsAsync(host.Node, pod, p => (string?)p["status"]?["containerStatuses"]?[0]?["state"]?["waiting"]?["reason"] is "ErrImagePull" or "ImagePullBackOff"
            && ((string?)p["status"]!["containerStatuses"]![0]!["state"]!["waiting"]!["message"])?.Contains("pull", StringComparison.Ordinal) == true);
        return failed["status"]!.ToJsonString();
    }
}
