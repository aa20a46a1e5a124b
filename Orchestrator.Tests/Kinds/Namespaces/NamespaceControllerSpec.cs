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
}
