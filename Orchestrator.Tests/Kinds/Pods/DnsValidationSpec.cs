using System.Text.Json.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Tests.Kinds.Pods;

public sealed class DnsValidationSpec
{
    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"dnsPolicy":"None","dnsConfig":{"nameservers":["10.0.0.10","fd00::10"],"searches":[".","_tcp.my.example.","lan"],"options":[{"name":"ndots","value":"2"},{"name":"debug"}]}}""", "")]
    [InlineData("""{"hostAliases":[{"ip":"127.0.0.1","hostnames":["a.example","b"]}]}""", "")]
    [InlineData("""{"dnsPolicy":"None"}""", "spec.dnsConfig.nameservers")]
    [InlineData("""{"dnsPolicy":"None","dnsConfig":{"searches":["lan"]}}""", "spec.dnsConfig.nameservers")]
    [InlineData("""{"dnsConfig":{"nameservers":["10.0.0.1","10.0.0.2","10.0.0.3","10.0.0.4"]}}""", "spec.dnsConfig.nameservers")]
    [InlineData("""{"dnsConfig":{"nameservers":["10.0.0.1","dns.example"]}}""", "spec.dnsConfig.nameservers[1]")]
    [InlineData("""{"dnsConfig":{"searches":["a b"]}}""", "spec.dnsConfig.searches[0]")]
    [InlineData("""{"dnsConfig":{"options":[{"value":"2"}]}}""", "spec.dnsConfig.options[0].name")]
    [InlineData("""{"hostAliases":[{"ip":"10.0.0","hostnames":["a"]},{"hostnames":["a"]}]}""", "spec.hostAliases[0].ip spec.hostAliases[1].ip")]
    [InlineData("""{"hostAliases":[{"ip":"10.0.0.1","hostnames":["a","b c"]}]}""", "spec.hostAliases[0].hostnames[1]")]
    public void What_is_wrong_is_named(string spec, string field)
    {
        var causes = new FieldErrors();
        DnsValidation.Check(causes, "spec", (JsonObject)JsonNode.Parse(spec)!);
        Assert.Equal(field, string.Join(' ', causes.All.Select(c => c.Field)));
    }

    [Theory]
    [InlineData(32, "")]
    [InlineData(33, "spec.dnsConfig.searches")]
    public void There_are_only_so_many_search_domains(int count, string field)
    {
        var causes = new FieldErrors();
        DnsValidation.Check(causes, "spec", new JsonObject { ["dnsConfig"] = new JsonObject { ["searches"] = new JsonArray([.. Enumerable.Range(0, count).Select(i => (JsonNode)$"d{i}.example")]) } });
        Assert.Equal(field, string.Join(' ', causes.All.Select(c => c.Field)));
    }
}
