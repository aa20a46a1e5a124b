using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.ServiceAccounts;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Kinds.ServiceAccounts;

/// <summary>Until when a token is valid whose account or pod goes.</summary>
public sealed class TokenLifeSpec
{
    private static readonly DateTimeOffset Now = new(2026, 1, 10, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(-60, null, null)]
    [InlineData(30, 30, null)]
    [InlineData(-61, null, "serviceaccounts/apps/robot is being deleted")]
    [InlineData(null, -61, "pods/apps/web is being deleted")]
    public void It_ends_a_minute_after_the_time_of_the_deletion(int? account, int? pod, string? why)
    {
        var view = new View([Going("ServiceAccount", "robot", account), Going("Pod", "web", pod)]);
        Assert.Equal(why, TokenLife.Ended(new TokenSubject("apps", "robot", "u-robot", new BoundObject("Pod", "web", "u-web")), view, Now));
    }

    private static KubeObject Going(string kind, string name, int? seconds)
    {
        var meta = new JsonObject { ["name"] = name, ["namespace"] = "apps", ["uid"] = $"u-{name}" };
        if (seconds is { } s)
        {
            meta["deletionTimestamp"] = KubeTime.Text(Now.AddSeconds(s));
        }

        return KubeObject.From(BuiltIn.All.Single(k => k.Kind == kind), new JsonObject { ["metadata"] = meta });
    }

    private sealed class View(KubeObject[] objects) : IAdmissionView
    {
        public IEnumerable<KubeObject> All(ResourceDefinition kind) => objects.Where(o => o.Kind == kind);

        public IEnumerable<KubeObject> All(ResourceDefinition kind, string ns) => All(kind).Where(o => o.Namespace == ns);

        public KubeObject? Find(ObjectKey key) => objects.FirstOrDefault(o => o.Key == key);
    }
}
