using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using Orchestrator.Tests.ApiServer;
using Orchestrator.Tests.Conformance;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>The token of its ServiceAccount in a container, on a worker that is not the control host.</summary>
[Collection(StreamsHost.Name)]
public sealed class TokenVolumeSpec(StreamsHost host)
{
    private const string Folder = "/var/run/secrets/kubernetes.io/serviceaccount";

    [Fact]
    [Conformance("ServiceAccounts should mount an API token into pods")]
    [Conformance("ServiceAccounts ServiceAccountIssuerDiscovery should support OIDC discovery of service account issuer")]
    public async Task A_container_finds_the_token_the_certificate_and_the_namespace()
    {
        var kubectl = host.Kubectl(Kubectl.Newest);
        await kubectl.SucceedAsync("create serviceaccount robot");
        await CreateAsync(host.Api, "robot", "Never", $$"""
            "serviceAccountName": "robot", "containers": [ {{Runs("sleep 3600")}} } ]
            """);
        var pod = await PodIsAsync(host.Api, "robot", p => (string?)p["status"]!["phase"] == "Running");
        Assert.Equal("default", await ReadAsync("robot", $"cat {Folder}/namespace"));
        Assert.Equal((await File.ReadAllTextAsync(Path.Combine(host.Api.DataDir, "pki", "ca.crt"))).Trim(), await ReadAsync("robot", $"cat {Folder}/ca.crt"));
        Assert.Equal("644", await ReadAsync("robot", $"stat -L -c %a {Folder}/token"));
        var token = await ReadAsync("robot", $"cat {Folder}/token");

        using var client = TokenClient.Of(host.Api);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var review = await PostAsync(client, "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}");
        var user = review["status"]!["userInfo"]!;
        Assert.Equal("system:serviceaccount:default:robot", (string?)user["username"]);
        Assert.Equal((string?)pod["metadata"]!["uid"], (string?)user["extra"]!["authentication.kubernetes.io/pod-uid"]![0]);
        Assert.Equal((string?)pod["spec"]!["nodeName"], (string?)user["extra"]!["authentication.kubernetes.io/node-name"]![0]);
        await VerifyAsync(client, token);

        // The token ends with its pod.
        await host.Api.AskAsync(HttpMethod.Delete, "/api/v1/namespaces/default/pods/robot");
        await Poll.UntilAsync(async () =>
        {
            using var answer = await client.GetAsync(new Uri("/apis", UriKind.Relative));
            return answer.StatusCode == HttpStatusCode.Unauthorized;
        }, TimeSpan.FromSeconds(30), () => "the token of a pod that is gone is nobody's");
        Assert.DoesNotContain(token.Split('.')[2], host.Api.Output, StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("ServiceAccounts should mount projected service account token")]
    public async Task A_projected_token_is_for_its_audience_and_its_users()
    {
        await CreateAsync(host.Api, "projected", "Never", $$"""
            "securityContext": { "runAsUser": 1000, "runAsGroup": 1000 }, "containers": [ {{Runs("sleep 3600")}}, "volumeMounts": [ { "name": "vault", "mountPath": "/vault" } ] } ],
            "volumes": [ { "name": "vault", "projected": { "sources": [ { "serviceAccountToken": { "path": "deep/token", "audience": "vault", "expirationSeconds": 600 } } ] } } ]
            """);
        await PodIsAsync(host.Api, "projected", p => (string?)p["status"]!["phase"] == "Running");
        Assert.Equal(Environment.IsPrivilegedProcess ? "1000 600" : "0 644", await ReadAsync("projected", "stat -L -c '%u %a' /vault/deep/token"));
        var claims = JsonNode.Parse(Base64UrlEncoder.Decode((await ReadAsync("projected", "cat /vault/deep/token")).Split('.')[1]))!;
        Assert.Equal("""["vault"]""", claims["aud"]!.ToJsonString());
        Assert.Equal(600, (int)claims["exp"]! - (int)claims["iat"]!);
        Assert.Equal("projected", (string?)claims["kubernetes.io"]!["pod"]!["name"]);
    }

    [RootFact]
    public async Task A_group_of_the_pod_can_read_the_token()
    {
        await CreateAsync(host.Api, "grouped", "Never", $$"""
            "securityContext": { "fsGroup": 2000, "runAsUser": 1000, "runAsGroup": 2000 }, "containers": [ {{Runs("sleep 3600")}} } ]
            """);
        await PodIsAsync(host.Api, "grouped", p => (string?)p["status"]!["phase"] == "Running");
        Assert.Equal("2000 640", await ReadAsync("grouped", $"stat -L -c '%g %a' {Folder}/token"));
        Assert.NotEmpty(await ReadAsync("grouped", $"cat {Folder}/token"));
    }

    [Theory]
    [InlineData("account", false, "")]
    [InlineData("pod", true, "\"automountServiceAccountToken\": false,")]
    [Conformance("ServiceAccounts should allow opting out of API token automount")]
    public async Task A_pod_or_its_account_can_do_without(string name, bool account, string field)
    {
        await host.Api.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts",
            $$"""{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"mute-{{name}}"},"automountServiceAccountToken":{{(account ? "true" : "false")}} }""");
        await CreateAsync(host.Api, $"without-{name}", "Never", $$"""
            "serviceAccountName": "mute-{{name}}", {{field}} "containers": [ {{Runs("sleep 3600")}} } ]
            """);
        await PodIsAsync(host.Api, $"without-{name}", p => (string?)p["status"]!["phase"] == "Running");
        Assert.Equal("none", await ReadAsync($"without-{name}", $"test -e {Folder} || echo none"));
    }

    // As somebody does who knows nothing of the cluster but the address of its issuer.
    private static async Task VerifyAsync(HttpClient client, string token)
    {
        var issuer = JsonNode.Parse(await client.GetStringAsync(new Uri("/.well-known/openid-configuration", UriKind.Relative)))!;
        var parts = token.Split('.');
        Assert.Equal((string?)issuer["issuer"], (string?)JsonNode.Parse(Base64UrlEncoder.Decode(parts[1]))!["iss"]);
        var keys = JsonNode.Parse(await client.GetStringAsync(new Uri((string)issuer["jwks_uri"]!)))!["keys"]!.AsArray();
        var kid = (string?)JsonNode.Parse(Base64UrlEncoder.Decode(parts[0]))!["kid"];
        var key = keys.Single(k => (string?)k!["kid"] == kid)!;
        using var ec = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Base64UrlEncoder.DecodeBytes((string)key["x"]!), Y = Base64UrlEncoder.DecodeBytes((string)key["y"]!) },
        });
        Assert.True(ec.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64UrlEncoder.DecodeBytes(parts[2]), HashAlgorithmName.SHA256));
    }

    private static async Task<JsonNode> PostAsync(HttpClient client, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private async Task<string> ReadAsync(string pod, string script) => (await host.Kubectl(Kubectl.Newest).RunAsync("exec", pod, "--", "sh", "-c", script)).Succeeded().Trim();
}
