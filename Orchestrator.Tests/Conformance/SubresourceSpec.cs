using System.Text.Json.Nodes;
using Orchestrator.Tests.WithKubectl;

namespace Orchestrator.Tests.Conformance;

/// <summary>The subresources <c>scale</c> and <c>status</c> of workloads.</summary>
[Collection(KubectlCollection.Name)]
public sealed class SubresourceSpec(KubectlCluster cluster)
{
    [Theory]
    [InlineData("deployments", ApiSpace.Selector)]
    [InlineData("replicasets", ApiSpace.Selector)]
    [InlineData("statefulsets", ApiSpace.Selector)]
    [InlineData("replicationcontrollers", """{"app":"web"}""")]
    [Conformance("Deployment Deployment should have a working scale subresource")]
    [Conformance("ReplicaSet Replicaset should have a working scale subresource")]
    [Conformance("StatefulSet Basic StatefulSet functionality should have a working scale subresource")]
    [Conformance("ReplicationController should get and update a ReplicationController scale")]
    public async Task A_scale_is_read_written_and_patched(string resource, string selector)
    {
        var space = await ApiSpace.CreateAsync(cluster);
        await space.PostAsync(resource, "web", $$"""{"replicas":1,"selector":{{selector}},"template":{{ApiSpace.Template}} }""");
        var path = space.Path(resource, "web") + "/scale";
        var scale = await space.GetAsync(path);
        Assert.Equal(("Scale", "autoscaling/v1", "web", 1), ((string)scale["kind"]!, (string)scale["apiVersion"]!, (string)scale["metadata"]!["name"]!, (int)scale["spec"]!["replicas"]!));

        var written = await space.UpdateAsync(path, s => s["spec"]!["replicas"] = 2);
        Assert.Equal(2, (int)written["spec"]!["replicas"]!);
        Assert.Equal(2, (int)(await space.GetAsync(space.Path(resource, "web")))["spec"]!["replicas"]!);
        await space.PatchAsync(path, """{"spec":{"replicas":4}}""");
        Assert.Equal(4, (int)(await space.GetAsync(space.Path(resource, "web")))["spec"]!["replicas"]!);
        await space.Kubectl.WaitForAsync("get pods -o name", t => Columns.Lines(t).Length == 4);
        await space.Kubectl.WaitForAsync($"get --raw {path}", t => (int?)JsonNode.Parse(t)!["status"]!["replicas"] == 4);
    }

    [Theory]
    [InlineData("deployments", """{"replicas":0,"selector":SELECTOR,"template":TEMPLATE}""", """{"replicas":9}""")]
    [InlineData("replicasets", """{"replicas":0,"selector":SELECTOR,"template":TEMPLATE}""", """{"replicas":9}""")]
    [InlineData("statefulsets", """{"replicas":0,"selector":SELECTOR,"template":TEMPLATE}""", """{"replicas":9}""")]
    [InlineData("daemonsets", """{"minReadySeconds":1,"selector":SELECTOR,"template":NOWHERE}""", """{"minReadySeconds":9}""")]
    [InlineData("poddisruptionbudgets", """{"minAvailable":1,"selector":SELECTOR}""", """{"minAvailable":9}""")]
    [Conformance("Deployment should validate Deployment Status endpoints")]
    [Conformance("ReplicaSet should validate Replicaset Status endpoints")]
    [Conformance("StatefulSet Basic StatefulSet functionality should validate Statefulset Status endpoints")]
    [Conformance("Daemon set should verify changes to a daemon set status")]
    [Conformance("DisruptionController should update/patch PodDisruptionBudget status")]
    public async Task A_status_is_read_written_and_patched_and_the_spec_is_not(string resource, string spec, string other)
    {
        var space = await ApiSpace.CreateAsync(cluster);
        var nowhere = ApiSpace.Template.Replace("\"spec\":{", "\"spec\":{\"nodeSelector\":{\"is\":\"nowhere\"},", StringComparison.Ordinal);
        await space.PostAsync(resource, "web", spec.Replace("SELECTOR", ApiSpace.Selector, StringComparison.Ordinal)
            .Replace("TEMPLATE", ApiSpace.Template, StringComparison.Ordinal).Replace("NOWHERE", nowhere, StringComparison.Ordinal));
        var (field, value) = JsonNode.Parse(other)!.AsObject().Single();
        var path = space.Path(resource, "web");
        var before = (await space.GetAsync(path + "/status"))["spec"]!.ToJsonString();

        var written = await space.UpdateAsync(path + "/status", o =>
        {
            o["status"] ??= new JsonObject();
            o["status"]!["conditions"] = new JsonArray(Condition("StatusUpdate"));
            o["spec"]![field] = value!.DeepClone();
        });
        Assert.Contains("StatusUpdate", Types(written));
        Assert.Equal(before, written["spec"]!.ToJsonString());

        var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["patched"] = "yes" } }, ["status"] = new JsonObject { ["conditions"] = new JsonArray(Condition("StatusPatched")) }, ["spec"] = JsonNode.Parse(other) };
        var patched = await space.PatchAsync(path + "/status", patch.ToJsonString());
        Assert.Contains("StatusPatched", Types(patched));
        Assert.Equal(("yes", before), ((string?)patched["metadata"]!["annotations"]!["patched"], patched["spec"]!.ToJsonString()));
        Assert.Contains("StatusPatched", Types(await space.GetAsync(path)));
    }

    private static JsonObject Condition(string type) => new()
    {
        ["type"] = type, ["status"] = "True", ["reason"] = "Test", ["message"] = "set by a spec", ["lastTransitionTime"] = "2026-01-01T00:00:00Z",
    };

    private static IEnumerable<string?> Types(JsonNode o) => o["status"]!["conditions"]!.AsArray().Select(c => (string?)c!["type"]);
}
