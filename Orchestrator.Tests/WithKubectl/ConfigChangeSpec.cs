using System.Globalization;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class ConfigChangeSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task A_deployment_rolls_when_its_config_map_changes(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        await kubectl.SucceedAsync("create configmap settings --from-literal=colour=blue");
        var manifest = Manifests.Deployment("web", 2)
            .Replace("spec:\n  replicas", "  annotations: {orchestrator.io/roll-on-config-change: \"true\"}\nspec:\n  replicas", StringComparison.Ordinal)
            .Replace("    - name: main\n", "    - name: main\n        envFrom: [{configMapRef: {name: settings}}]\n", StringComparison.Ordinal);
        (await kubectl.FeedAsync(manifest, "apply", "-f", "-")).Succeeded();
        await RolledOutAsync(kubectl, "1");
        var first = await PinAsync(kubectl, 1);

        await kubectl.SucceedAsync("label configmap settings a=b");
        (await kubectl.FeedAsync("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {colour: red}", "replace", "-f", "-")).Succeeded();
        await RolledOutAsync(kubectl, "2");
        var second = await PinAsync(kubectl, 2);
        Assert.NotEqual(first, second);
        var described = await kubectl.SucceedAsync("describe deployment web");
        Assert.Contains($"orchestrator.io/config-versions: configmap/settings={second}", described, StringComparison.Ordinal);
        Assert.Contains($"Configuration changed: configmap/settings changed from {first} to {second}", described, StringComparison.Ordinal);

        // An undo restores no data, and does not pretend to: its template differs in nothing, so there is no third revision.
        await kubectl.SucceedAsync("rollout undo deployment/web");
        await kubectl.WaitForAsync("get deployment web -o jsonpath={.metadata.generation}={.status.observedGeneration}", s => s.Split('=') is [var a, var b] && a == b);
        await RolledOutAsync(kubectl, "2");
        Assert.Equal(second, await PinAsync(kubectl, 2));

        // What a user applies again does not know of the pin, and leaves it.
        (await kubectl.FeedAsync(manifest, "apply", "-f", "-")).Succeeded();
        await RolledOutAsync(kubectl, "2");
    }

    private static async Task RolledOutAsync(Kubectl kubectl, string revision)
    {
        await kubectl.WaitForAsync("get deployment web -o jsonpath={.metadata.annotations.deployment\\.kubernetes\\.io/revision}", s => s == revision);
        await kubectl.SucceedAsync("rollout status deployment/web --timeout=30s");
    }

    private static async Task<string> PinAsync(Kubectl kubectl, int revision)
    {
        var history = await kubectl.SucceedAsync($"rollout history deployment/web --revision={revision.ToString(CultureInfo.InvariantCulture)}");
        var pin = Columns.Lines(history).Single(l => l.Contains("configmap/settings=", StringComparison.Ordinal));
        return pin[(pin.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim();
    }
}
