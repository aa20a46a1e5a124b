using System.Text.Json.Nodes;
using Orchestrator.Actors.Kinds.StatefulSets;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Tests.Kinds.StatefulSets;

public sealed class StatefulSetStrategySpec
{
    [Theory]
    [InlineData("""{"replicas":-1}""", "spec.replicas")]
    [InlineData("""{"ordinals":{"start":-1}}""", "spec.ordinals.start")]
    [InlineData("""{"ordinals":{"start":2147483647},"replicas":1}""", "spec.ordinals.start")]
    [InlineData("""{"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":-1}}}""", "spec.updateStrategy.rollingUpdate.partition")]
    [InlineData("""{"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":0}}}""", "spec.updateStrategy.rollingUpdate.maxUnavailable")]
    [InlineData("""{"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"abc"}}}""", "spec.updateStrategy.rollingUpdate.maxUnavailable")]
    [InlineData("""{"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"50%"}}}""", null)]
    [InlineData("""{"updateStrategy":{"type":"Sometimes"}}""", "spec.updateStrategy.type")]
    [InlineData("""{"podManagementPolicy":"Chaos"}""", "spec.podManagementPolicy")]
    [InlineData("""{"persistentVolumeClaimRetentionPolicy":{"whenScaled":"Burn"}}""", "spec.persistentVolumeClaimRetentionPolicy.whenScaled")]
    [InlineData("""{"volumeClaimTemplates":[{"metadata":{"name":"data"}}]}""", null)] // A mount of a claim is one of a volume.
    public void A_wrong_spec_is_refused(string spec, string? field)
    {
        var set = (JsonObject)JsonNode.Parse("""
            {"metadata":{"name":"db"},"spec":{"selector":{"matchLabels":{"app":"db"}},"template":{"metadata":{"labels":{"app":"db"}},
             "spec":{"containers":[{"name":"c","image":"i"}]} } } }
            """)!;
        foreach (var (name, value) in (JsonObject)JsonNode.Parse(spec)!)
        {
            set["spec"]![name] = value?.DeepClone();
        }

        if (set["spec"]!["volumeClaimTemplates"] is not null)
        {
            set["spec"]!["template"]!["spec"]!["containers"]![0]!["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "data", ["mountPath"] = "/data" });
        }

        var errors = new FieldErrors();
        new StatefulSetStrategy().Validate(set, errors);
        Assert.Equal(field is null ? [] : [field], errors.All.Select(e => e.Field));
    }
}
