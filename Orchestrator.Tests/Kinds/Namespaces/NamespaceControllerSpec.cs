using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Kinds.Namespaces;

public sealed class NamespaceControllerSpec
{
    [Theory]
    [InlineData("""{"finalizers":["kubernetes"]}""", 1)]
    [InlineData("{}", 0)]
    public async Task An_empty_namespace_gives_up_its_own_finalizers_once(string spec, int commands)
    {
        await using var fed = await FedCache.StartAsync();
        var space = await fed.CreateAsync($$"""
            {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"team","uid":"u","deletionTimestamp":"2026-01-02T03:04:05Z","finalizers":["example.org/audit"]},"spec":{{spec}}}
            """);
        var plan = new NamespaceController().Plan(space!, fed.Cache, new PlanContext(DateTimeOffset.UnixEpoch, 1, () => "", []));
        Assert.Equal(commands, plan.Commands.Length);
    }

    [Theory]
    [InlineData(null, "CreateObject serviceaccounts/team/default, CreateObject configmaps/team/kube-root-ca.crt")]
    [InlineData("old", "CreateObject serviceaccounts/team/default, MergeObject configmaps/team/kube-root-ca.crt")]
    [InlineData("ours", "CreateObject serviceaccounts/team/default")]
    public async Task A_namespace_has_an_account_and_the_certificate_of_the_authority(string? stored, string commands)
    {
        await using var fed = await FedCache.StartAsync();
        var space = await fed.CreateAsync("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"team","uid":"u"}}""");
        if (stored is not null)
        {
            await fed.CreateAsync($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"kube-root-ca.crt","namespace":"team","uid":"c"},"data":{"ca.crt":"{{{stored}}}"}}""");
        }

        var plan = new NamespaceController("ours").Plan(space!, fed.Cache, new PlanContext(DateTimeOffset.UnixEpoch, 1, () => "", []));
        Assert.Equal(commands, string.Join(", ", plan.Commands.Select(c => $"{c.GetType().Name} {c.Key}")));
    }

    [Theory]
    [InlineData("ServiceAccount", "default", true)]
    [InlineData("ServiceAccount", "robot", false)]
    [InlineData("ConfigMap", "kube-root-ca.crt", true)]
    [InlineData("ConfigMap", "settings", false)]
    public async Task A_namespace_sees_to_them_again_when_they_are_changed(string kind, string name, bool isWoken)
    {
        await using var fed = await FedCache.StartAsync();
        var o = await fed.CreateAsync($$$"""{"apiVersion":"v1","kind":"{{{kind}}}","metadata":{"name":"{{{name}}}","namespace":"team","uid":"u"}}""");
        var woken = new NamespaceController("ours").WokenBy.Skip(1).SelectMany(r => r.Concern(o!) is { } concern ? r.Woken(concern, fed.Cache) : []);
        Assert.Equal(isWoken ? ["team"] : [], woken.Select(k => k.Name));
    }
}
