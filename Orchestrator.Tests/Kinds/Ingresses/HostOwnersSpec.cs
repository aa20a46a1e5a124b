using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Ingresses;

namespace Orchestrator.Tests.Kinds.Ingresses;

/// <summary>Whose a host is. An Ingress is written as its namespace and name, the second of its creation, and the hosts of its rules, those of <c>tls</c> with an @, and ! for a default backend.</summary>
public sealed class HostOwnersSpec
{
    [Theory]
    [InlineData("a/x 1 h.com; b/x 2 h.com", "h.com", "a/x")]
    [InlineData("a/x 2 h.com; b/x 1 h.com", "h.com", "b/x")]
    [InlineData("b/x 1 h.com; a/y 1 h.com; a/x 1 h.com", "h.com", "a/x")]
    [InlineData("a/x 1 H.com; b/x 2 h.com", "h.COM.", "a/x")]
    [InlineData("a/x 1 @h.com; b/x 2 h.com", "h.com", "a/x")]
    [InlineData("a/x 1 h.com; b/x 2 @h.com", "h.com", "a/x")]
    [InlineData("a/x 1 *.h.com; b/x 2 *.h.com", "*.H.com", "a/x")]
    [InlineData("a/x 1 *.h.com; b/x 2 i.h.com", "i.h.com", "b/x")]
    [InlineData("a/x 1 *; b/x 2 *", "", "a/x")]
    [InlineData("a/x 1 h.com !; b/x 2 *", "", "a/x")]
    [InlineData("a/x 1 h.com; b/x 2 *", "", "b/x")]
    [InlineData("a/x 1 h.com", "i.com", null)]
    public void A_host_belongs_to_the_namespace_of_the_oldest_that_names_it(string ingresses, string host, string? owner)
    {
        var owners = new HostOwners(ingresses.Split("; ").Select(Ingress));
        Assert.Equal(owner, owners.OwnerBeside("nobody", host) is { } beside ? $"{beside.Namespace}/{beside.Name}" : null);
        Assert.Null(owners.OwnerBeside(owner?.Split('/')[0] ?? "nobody", host));
    }

    private static KubeObject Ingress(string text)
    {
        var words = text.Split(' ');
        var (hosts, name) = (words[2..], words[0].Split('/'));
        var spec = new JsonObject
        {
            ["rules"] = new JsonArray([.. hosts.Where(h => h[0] is not ('@' or '!')).Select(h => h == "*" ? new JsonObject() : new JsonObject { ["host"] = h })]),
            ["tls"] = new JsonArray(new JsonObject { ["hosts"] = new JsonArray([.. hosts.Where(h => h[0] == '@').Select(h => (JsonNode)h[1..])]) }),
        };
        if (hosts.Contains("!"))
        {
            spec["defaultBackend"] = new JsonObject();
        }

        var meta = new JsonObject { ["namespace"] = name[0], ["name"] = name[1], ["creationTimestamp"] = $"2026-01-01T00:00:0{words[1]}Z" };
        return KubeObject.From(IngressDefinition.Instance, new JsonObject { ["metadata"] = meta, ["spec"] = spec });
    }
}
