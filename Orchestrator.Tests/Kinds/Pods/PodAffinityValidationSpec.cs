using System.Text.Json.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Tests.Kinds.Pods;

public sealed class PodAffinityValidationSpec
{
    private const string Term = "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]";

    [Theory]
    [InlineData("""{"topologyKey":"zone"}""", null, null)]
    [InlineData("""{"topologyKey":"zone","namespaces":["a","b-1"],"labelSelector":{},"matchLabelKeys":["a"],"mismatchLabelKeys":["b"]}""", null, null)]
    [InlineData("""{}""", ".topologyKey", "Required value")]
    [InlineData("""{"topologyKey":"zone","namespaces":["ok","Not_ok"]}""", ".namespaces[1]", "Invalid value: \"Not_ok\"")]
    [InlineData("""{"topologyKey":"zone","matchLabelKeys":["a"]}""", ".matchLabelKeys", "Forbidden: must not be specified when labelSelector is not set")]
    [InlineData("""{"topologyKey":"zone","labelSelector":{"matchLabels":{"a":"1"}},"mismatchLabelKeys":["a"]}""", ".mismatchLabelKeys[0]", "Invalid value: \"a\": exists in both")]
    [InlineData("""{"topologyKey":"zone","labelSelector":{},"matchLabelKeys":["b","a"],"mismatchLabelKeys":["a"]}""", ".matchLabelKeys[1]", "Invalid value: \"a\": exists in both matchLabelKeys and mismatchLabelKeys")]
    public void A_term_is_checked(string term, string? field, string? message)
    {
        var errors = new FieldErrors();
        PodValidation.Check(errors, "spec", (JsonObject)JsonNode.Parse($$$"""
            {"containers":[{"name":"c","image":"i","imagePullPolicy":"Always","terminationMessagePolicy":"File"}],"restartPolicy":"Always","dnsPolicy":"Default",
             "affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{{{term}}}]} } }
            """)!);
        if (field is null)
        {
            Assert.Empty(errors.All);
            return;
        }

        var error = Assert.Single(errors.All);
        Assert.Equal(Term + field, error.Field);
        Assert.StartsWith(message!, error.Message, StringComparison.Ordinal);
    }
}
