using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Tests.Kinds.Pods;

/// <summary>The claims of ephemeral volumes.</summary>
public sealed class EphemeralClaimsSpec
{
    private const string Pod = """
        {"metadata":{"name":"p","namespace":"default","uid":"p","resourceVersion":"1"},"status":{"phase":"Pending"},"spec":{"containers":[{"name":"c","image":"i"}],
         "volumes":[{"name":"data","ephemeral":{"volumeClaimTemplate":{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}}}]}}
        """;

    [Theory]
    [InlineData("")]
    [InlineData(""","ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"q","uid":"q","controller":true}]""")]
    [InlineData(""","ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"p","controller":true}]""")]
    public void A_pod_gets_its_claim_when_the_one_that_had_its_name_goes_whoever_owned_it(string owner)
    {
        var cache = new ObjectCache();
        cache.Restore(2, [KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse(Pod)!), KubeObject.From(PersistentVolumeClaimDefinition.Instance,
            (JsonObject)JsonNode.Parse($$$"""{"metadata":{"name":"p-data","namespace":"default","uid":"c","resourceVersion":"2"{{{owner}}}},"spec":{}}""")!)]);
        var made = new List<string>();
        using var feed = cache.Listen(batch => made.AddRange(batch.Changes.SelectMany(c => EphemeralClaims.Concerned(c, cache))
            .SelectMany(key => EphemeralClaims.Missing(cache.Find(key)!, cache, "test")).Select(c => c.Key.Name)));

        var gone = new ObjectEvent($"{PersistentVolumeClaimDefinition.Instance.QualifiedSingular}.deleted.1", DateTimeOffset.UnixEpoch, "test", 0, null) { Revision = 3 };
        cache.Fold([new Committed(PersistentVolumeClaimDefinition.Instance.Key("default", "p-data").PersistenceId, 3, gone)]);
        Assert.Equal(["p-data"], made);
    }
}
