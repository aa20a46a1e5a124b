using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

/// <summary>Tokens of ServiceAccounts by an unmodified kubectl.</summary>
[Collection(KubectlCollection.Name)]
public sealed class ServiceAccountTokenSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_token_is_created_and_a_review_says_whose_it_is(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        await kubectl.SucceedAsync("create serviceaccount robot");
        var token = (await kubectl.SucceedAsync("create token robot --duration 20m --audience vault --audience db")).Trim();
        var claims = JsonNode.Parse(Base64UrlEncoder.Decode(token.Split('.')[1]))!;
        Assert.Equal(($"system:serviceaccount:{kubectl.Space}:robot", 1200), ((string?)claims["sub"], (int)claims["exp"]! - (int)claims["iat"]!));

        var status = await ReviewAsync(token, "db");
        Assert.Equal("""["db"]""", status["audiences"]!.ToJsonString());
        Assert.Equal($"system:serviceaccount:{kubectl.Space}:robot", (string?)status["user"]!["username"]);
        Assert.Equal($$"""["system:serviceaccounts","system:serviceaccounts:{{kubectl.Space}}","system:authenticated"]""", status["user"]!["groups"]!.ToJsonString());
        Assert.Equal(await kubectl.SucceedAsync("get sa robot -o jsonpath={.metadata.uid}"), (string?)status["user"]!["uid"]);
        Assert.Contains("other audiences", (string?)(await ReviewAsync(token))["error"], StringComparison.Ordinal);

        await kubectl.SucceedAsync("delete sa robot");
        await kubectl.SucceedAsync("create serviceaccount robot");
        Assert.Contains("another one now", (string?)(await ReviewAsync(token, "db"))["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_is_bound_to_a_pod_ends_with_it()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await cluster.Node.AskAsync(HttpMethod.Post, $"/api/v1/namespaces/{kubectl.Space}/pods", Manifests.PodJson("web", "sleep 1000", "Always"));
        await kubectl.WaitForAsync("get pod web -o jsonpath={.spec.nodeName}", n => n.Length > 0);
        var token = (await kubectl.SucceedAsync("create token default --bound-object-kind Pod --bound-object-name web")).Trim();
        var user = (await ReviewAsync(token))["user"]!;
        Assert.Equal("""["web"]""", user["extra"]!["authentication.kubernetes.io/pod-name"]!.ToJsonString());
        Assert.Equal($"""["{await kubectl.SucceedAsync("get pod web -o jsonpath={.spec.nodeName}")}"]""", user["extra"]!["authentication.kubernetes.io/node-name"]!.ToJsonString());
        await kubectl.SucceedAsync("delete pod web --grace-period 1");
        Assert.Contains("there is no pods/", (string?)(await ReviewAsync(token))["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_of_more_than_a_year_lives_a_year_and_kubectl_says_so()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await kubectl.SucceedAsync("create serviceaccount robot");
        var made = await kubectl.RunAsync("create", "token", "robot", "--duration", "10000h", "-o", "json");
        Assert.Equal(31_536_000, (int)JsonNode.Parse(made.Succeeded())!["spec"]!["expirationSeconds"]!);
        Assert.Contains("lives 31536000 seconds and not 36000000", made.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("create token default --bound-object-kind Secret --bound-object-name a/b", "spec.boundObjectRef.name: Invalid value: \"a/b\"")]
    [InlineData("create token nobody", "serviceaccounts \"nobody\" not found")]
    [InlineData("create token default --duration 30s", "spec.expirationSeconds: Invalid value: 30: may not specify a duration less than 10 minutes")]
    [InlineData("create token default --bound-object-kind Pod --bound-object-name none", "pods \"none\" not found")]
    [InlineData("create token default --bound-object-kind Secret --bound-object-name none", "secrets \"none\" not found")]
    [InlineData("create token default --bound-object-kind Node --bound-object-name none", "nodes \"none\" not found")]
    public async Task A_token_that_cannot_be_is_refused(string command, string sentence)
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await kubectl.WaitForAsync("get sa -o name", t => t.Contains("default", StringComparison.Ordinal));
        var refused = await kubectl.RunAsync(command.Split(' '));
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains(sentence, refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Kubectl_says_who_asks(string version) =>
        Assert.Contains("kubernetes-admin", await cluster.Node.Kubectl(version).SucceedAsync("auth whoami"), StringComparison.Ordinal);

    [Fact]
    public async Task The_issuer_is_described_with_its_keys()
    {
        var issuer = await cluster.Node.AskAsync(HttpMethod.Get, "/.well-known/openid-configuration");
        Assert.Equal("https://kubernetes.default.svc.cluster.local", (string?)issuer["issuer"]);
        var keys = await cluster.Node.AskAsync(HttpMethod.Get, new Uri((string)issuer["jwks_uri"]!).AbsolutePath);
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await kubectl.WaitForAsync("get sa -o name", t => t.Contains("default", StringComparison.Ordinal));
        var head = JsonNode.Parse(Base64UrlEncoder.Decode((await kubectl.SucceedAsync("create token default")).Split('.')[0]))!;
        Assert.Contains((string?)head["kid"], keys["keys"]!.AsArray().Select(k => (string?)k!["kid"]));
    }

    private async Task<JsonNode> ReviewAsync(string token, string? audience = null) =>
        (await cluster.Node.AskAsync(HttpMethod.Post, "/apis/authentication.k8s.io/v1/tokenreviews",
            $$"""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"{{token}}","audiences":[{{(audience is null ? "" : $"\"{audience}\"")}}]} }"""))["status"]!;
}
