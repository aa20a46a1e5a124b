using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using Orchestrator.Tests.WithKubectl;

namespace Orchestrator.Tests.Conformance;

/// <summary>ServiceAccounts as objects of the API, and what every namespace has for them.</summary>
[Collection(KubectlCollection.Name)]
public sealed class ServiceAccountSpec(KubectlCluster cluster)
{
    [Fact]
    [Conformance("ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace")]
    public async Task Every_namespace_has_the_certificate_of_the_authority_whatever_is_done_to_it()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        var authority = (await File.ReadAllTextAsync(Path.Combine(cluster.Node.DataDir, "pki", "ca.crt"))).Trim();
        var first = await IsAsync(kubectl, authority, null);
        await kubectl.SucceedAsync("delete configmap kube-root-ca.crt --wait=false");
        await IsAsync(kubectl, authority, first);
        await kubectl.SucceedAsync("""patch configmap kube-root-ca.crt --type=merge -p {"data":{"ca.crt":""}}""");
        await IsAsync(kubectl, authority, first);
    }

    [Fact]
    [Conformance("ServiceAccounts should run through the lifecycle of a ServiceAccount")]
    [Conformance("ServiceAccounts should update a ServiceAccount")]
    public async Task An_account_is_created_found_by_its_labels_changed_watched_and_deleted()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await using var watch = kubectl.Start("get serviceaccounts -l team=iron --watch --output-watch-events -o custom-columns=T:.type,N:.object.metadata.name,A:.object.automountServiceAccountToken --no-headers");
        await cluster.Node.AskAsync(HttpMethod.Post, $"/api/v1/namespaces/{kubectl.Space}/serviceaccounts", """{"metadata":{"name":"robot","labels":{"team":"iron"}},"automountServiceAccountToken":false}""");
        Assert.Contains($"{kubectl.Space}", await kubectl.SucceedAsync("get serviceaccounts -A -l team=iron --no-headers"), StringComparison.Ordinal);
        await kubectl.SucceedAsync("""patch serviceaccount robot --type=merge -p {"automountServiceAccountToken":true}""");
        var account = await kubectl.JsonAsync("get serviceaccount robot");
        account["automountServiceAccountToken"] = false;
        var updated = await cluster.Node.AskAsync(HttpMethod.Put, $"/api/v1/namespaces/{kubectl.Space}/serviceaccounts/robot", account.ToJsonString());
        Assert.False((bool)updated["automountServiceAccountToken"]!);
        await cluster.Node.AskAsync(HttpMethod.Delete, $"/api/v1/namespaces/{kubectl.Space}/serviceaccounts?labelSelector=team%3Diron");
        string[] expected = ["ADDED robot false", "MODIFIED robot true", "MODIFIED robot false", "DELETED robot false"];
        await Poll.UntilAsync(() => Task.FromResult(watch.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries))).SequenceEqual(expected)),
            TimeSpan.FromSeconds(30), () => $"the watch saw it all: {watch.Output}");
        await kubectl.WaitForAsync("get serviceaccounts -o name", t => t.Trim() == "serviceaccount/default");
    }

    private static async Task<string> IsAsync(Kubectl kubectl, string authority, string? otherThan)
    {
        JsonNode? found = null;
        await Poll.UntilAsync(async () =>
        {
            var answer = await kubectl.RunAsync("get", "configmap", "kube-root-ca.crt", "-o", "json");
            found = answer.ExitCode == 0 ? JsonNode.Parse(answer.Output) : null;
            return ((string?)found?["data"]?["ca.crt"])?.Trim() == authority && (string?)found?["metadata"]?["uid"] != otherThan;
        }, TimeSpan.FromSeconds(30), () => $"the certificate is there: {found?.ToJsonString()}");
        return (string)found!["metadata"]!["uid"]!;
    }
}
