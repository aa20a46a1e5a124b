using System.Net;
using System.Net.Http.Headers;
using Orchestrator.Tests.Conformance;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Docker;

/// <summary>Requests that the API server passes on to real pods.</summary>
[Collection(StreamsHost.Name)]
public sealed class PodProxySpec(StreamsHost host)
{
    private const string Pods = "/api/v1/namespaces/default/pods";

    [Fact]
    public async Task A_page_is_passed_on_whole()
    {
        using var answer = await SendAsync(HttpMethod.Get, $"{Pods}/web:8080/proxy/page?q=%20");
        Assert.Equal((HttpStatusCode.OK, StreamsHost.Page), (answer.StatusCode, (await answer.Content.ReadAsByteArrayAsync()).Length));
        using var head = await SendAsync(HttpMethod.Head, $"{Pods}/web:8080/proxy/page");
        Assert.Equal((HttpStatusCode.OK, (long?)StreamsHost.Page), (head.StatusCode, head.Content.Headers.ContentLength));
        Assert.DoesNotContain("q=%20", host.Api.Output, StringComparison.Ordinal);
        using var absent = await SendAsync(HttpMethod.Get, $"{Pods}/http:web:8080/proxy/nowhere");
        Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
        Assert.DoesNotContain("\"kind\"", await absent.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pod_gets_the_request_and_not_who_asks()
    {
        var token = File.ReadLines(Path.Combine(host.Api.DataDir, "pki", "admin.token")).First();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{Pods}/web/proxy/a%20b/c?x=1&y=%2F", UriKind.Relative)) { Content = new StringContent("what is said\n") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await host.Api.Anonymous.SendAsync(request);
        Assert.Equal("heard", await answer.Content.ReadAsStringAsync());
        var heard = await host.Kubectl(Kubectl.Newest).WaitForAsync("logs web -c echo", t => t.Contains("what is said", StringComparison.Ordinal));
        Assert.Contains("POST /a%20b/c?x=1&y=%2F HTTP/1.1", heard, StringComparison.Ordinal);
        Assert.Contains("X-Forwarded-Uri", heard, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Authorization", heard, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(token, heard, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_path_the_client_is_sent_to_the_root()
    {
        using var answer = await SendAsync(HttpMethod.Get, $"{Pods}/web:8080/proxy");
        Assert.Equal((HttpStatusCode.MovedPermanently, $"{Pods}/web:8080/proxy/"), (answer.StatusCode, answer.Headers.Location?.OriginalString));
    }

    [Theory]
    [InlineData("web:9/proxy/", 503, "error trying to reach port 9 of pod web: port 9 of the pod cannot be reached: nothing listens there")]
    [InlineData("nowhere:80/proxy/", 404, "pods \\u0022nowhere\\u0022 not found")]
    [InlineData("web:port/proxy/", 400, "it must be NAME, NAME:PORT or https:NAME:PORT")]
    [InlineData("https:web:8080/proxy/", 503, "it does not speak TLS as it should")]
    [InlineData("ftp:web:80/proxy/", 400, "it must be NAME, NAME:PORT or https:NAME:PORT")]
    [InlineData("over/proxy/", 400, "pod over has ended; its phase is Succeeded")]
    public async Task What_cannot_be_reached_is_said(string path, int code, string message)
    {
        using var answer = await SendAsync(HttpMethod.Get, $"{Pods}/{path}?token=hidden-one");
        var body = await answer.Content.ReadAsStringAsync();
        Assert.Equal(code, (int)answer.StatusCode);
        Assert.Contains(message, body, StringComparison.Ordinal);
        Assert.Null(answer.Headers.RetryAfter); // kubectl would try again ten times without a word.
        Assert.DoesNotContain("hidden-one", host.Api.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("apps/v1", "ReplicaSet", "/apis/apps/v1/namespaces/default/replicasets", "\"matchLabels\": { \"app\": \"served-rs\" }", "served-rs")]
    [InlineData("v1", "ReplicationController", "/api/v1/namespaces/default/replicationcontrollers", "\"app\": \"served-rc\"", "served-rc")]
    [Conformance("ReplicaSet should serve a basic image on each replica with a public image")]
    [Conformance("ReplicationController should serve a basic image on each replica with a public image")]
    public async Task Each_replica_serves(string version, string kind, string path, string selector, string name)
    {
        await host.Api.AskAsync(HttpMethod.Post, path, $$"""
            { "apiVersion": "{{version}}", "kind": "{{kind}}", "metadata": { "name": "{{name}}" }, "spec": { "replicas": 2, "selector": { {{selector}} },
              "template": { "metadata": { "labels": { "app": "{{name}}" } }, "spec": { "terminationGracePeriodSeconds": 0, "containers": [
                {{PodCalls.Runs("mkdir /w; hostname > /w/index.html; httpd -f -p 9376 -h /w")}}, "ports": [ { "containerPort": 9376 } ] } ] } } } }
            """);
        var kubectl = host.Kubectl(Kubectl.Newest);
        await kubectl.WaitForAsync($"get pods -l app={name} -o jsonpath={{.items[*].status.phase}}", t => t == "Running Running");
        foreach (var pod in (await kubectl.SucceedAsync($"get pods -l app={name} -o jsonpath={{.items[*].metadata.name}}")).Split(' '))
        {
            Assert.Equal(pod, (await kubectl.WaitForAsync($"get --raw {Pods}/{pod}/proxy/", t => t.Length > 0)).Trim());
        }

        await kubectl.SucceedAsync($"delete {kind} {name}");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        return await host.Api.Admin.SendAsync(request);
    }
}
