using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using Orchestrator.Tests.WithKubectl;

namespace Orchestrator.Tests.Conformance;

/// <summary>The lives of volumes and claims that are bound to each other.</summary>
[Collection(KubectlCollection.Name)]
public sealed class StorageSpec(KubectlCluster cluster)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact]
    [Conformance("PersistentVolumes CSI Conformance should run through the lifecycle of a PV and a PVC")]
    public async Task A_volume_and_a_claim_are_listed_patched_deleted_made_again_replaced_and_deleted_together()
    {
        var space = (await cluster.SpaceAsync(Kubectl.Newest)).Space!;
        var (volumes, claims) = ("/api/v1/persistentvolumes", $"/api/v1/namespaces/{space}/persistentvolumeclaims");
        foreach (var round in (string[])["one by one", "together"])
        {
            await AskAsync(HttpMethod.Post, volumes, Volume(space));
            await AskAsync(HttpMethod.Post, claims, Claim(space));
            Assert.Single((await AskAsync(HttpMethod.Get, $"{volumes}?labelSelector=of%3D{space}"))["items"]!.AsArray());
            Assert.Single((await AskAsync(HttpMethod.Get, $"{claims}?labelSelector=of%3D{space}"))["items"]!.AsArray());
            await Poll.UntilAsync(async () => (string?)(await AskAsync(HttpMethod.Get, $"{claims}/c"))["status"]!["phase"] == "Bound", Bound, () => "the claim is bound");
            foreach (var path in (string[])[$"{volumes}/{space}", $"{claims}/c"])
            {
                Assert.Equal("yes", (string?)(await AskAsync(HttpMethod.Patch, path, """{"metadata":{"labels":{"patched":"yes"}}}"""))["metadata"]!["labels"]!["patched"]);
                await new ApiSpace(cluster.Node, cluster.Node.Kubectl(Kubectl.Newest, space)).UpdateAsync(path, o => o["metadata"]!["labels"]!["replaced"] = "yes");
            }

            await AskAsync(HttpMethod.Delete, round == "together" ? $"{claims}?labelSelector=replaced%3Dyes" : $"{claims}/c");
            await GoneAsync($"{claims}/c");
            await AskAsync(HttpMethod.Delete, round == "together" ? $"{volumes}?labelSelector=of%3D{space},replaced%3Dyes" : $"{volumes}/{space}");
            await GoneAsync($"{volumes}/{space}");
        }
    }

    [Fact]
    [Conformance("PersistentVolumes CSI Conformance should apply changes to a pv/pvc status")]
    public async Task What_is_written_to_the_status_of_a_volume_and_a_claim_stays()
    {
        var space = await ApiSpace.CreateAsync(cluster);
        var (volume, claim) = ($"/api/v1/persistentvolumes/{space.Kubectl.Space}", $"/api/v1/namespaces/{space.Kubectl.Space}/persistentvolumeclaims/c");
        await AskAsync(HttpMethod.Post, "/api/v1/persistentvolumes", Volume(space.Kubectl.Space!));
        await AskAsync(HttpMethod.Post, $"/api/v1/namespaces/{space.Kubectl.Space}/persistentvolumeclaims", Claim(space.Kubectl.Space!));
        await Poll.UntilAsync(async () => (string?)(await AskAsync(HttpMethod.Get, claim))["status"]!["phase"] == "Bound" && (string?)(await AskAsync(HttpMethod.Get, volume))["status"]!["phase"] == "Bound", Bound, () => "both are bound");

        await AskAsync(HttpMethod.Patch, $"{claim}/status", """{"status":{"conditions":[{"type":"StatusPatched","status":"True","reason":"R","message":"m"}]}}""");
        await space.UpdateAsync($"{claim}/status", o => o["status"]!["conditions"]!.AsArray().Add(new JsonObject { ["type"] = "StatusUpdate", ["status"] = "True", ["reason"] = "R", ["message"] = "m" }));
        Assert.Equal(["StatusPatched", "StatusUpdate"], (await AskAsync(HttpMethod.Get, claim))["status"]!["conditions"]!.AsArray().Select(c => (string?)c!["type"]));

        Assert.Equal("patched", (string?)(await AskAsync(HttpMethod.Patch, $"{volume}/status", """{"status":{"message":"patched","reason":"R"}}"""))["status"]!["message"]);
        await space.UpdateAsync($"{volume}/status", o => o["status"]!["message"] = "updated");

        // Its controller has something to do, and leaves it.
        await AskAsync(HttpMethod.Patch, volume, """{"metadata":{"labels":{"looked":"yes"}}}""");
        Assert.Equal(("updated", "Bound"), (await AskAsync(HttpMethod.Get, volume))["status"] is var status ? ((string?)status!["message"], (string?)status["phase"]) : default);
        await AskAsync(HttpMethod.Delete, claim);
        await GoneAsync(claim);
        await AskAsync(HttpMethod.Delete, volume);
    }

    private static string Volume(string space) => Named($$$"""
        {"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"storageClassName":"{{{space}}}","csi":{"driver":"example.org","volumeHandle":"h"} } }
        """, space, space);

    private static string Claim(string space) => Named($$$"""{"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"{{{space}}}","resources":{"requests":{"storage":"1Gi"} } } }""", "c", space);

    private static string Named(string json, string name, string space)
    {
        var o = JsonNode.Parse(json)!;
        o["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["of"] = space } };
        return o.ToJsonString();
    }

    private Task<JsonNode> AskAsync(HttpMethod method, string path, string? body = null) => cluster.Node.AskAsync(method, path, body, method == HttpMethod.Patch ? ApiSpace.Merge : "application/json");

    private Task GoneAsync(string path) => Poll.UntilAsync(async () =>
    {
        try
        {
            await AskAsync(HttpMethod.Get, path);
            return false;
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return true;
        }
    }, Bound, () => $"{path} is gone");
}
