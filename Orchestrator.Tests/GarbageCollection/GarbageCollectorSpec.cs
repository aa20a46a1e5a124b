using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.GarbageCollection;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.GarbageCollection;

public sealed class GarbageCollectorSpec
{
    [Fact]
    public async Task An_object_whose_owners_are_all_gone_is_deleted()
    {
        await using var fed = await FedCache.StartAsync();
        var delete = Assert.IsType<DeleteObject>(Assert.Single(GarbageCollector.Plan(await ObjectAsync(fed, "a", owners: "o"), fed.Cache, 7)));
        Assert.Equal(("a", "u-a", "Background", 7L), (delete.Key.Name, delete.ExpectedUid, delete.Propagation, delete.Cause));
    }

    [Fact]
    public async Task An_object_that_still_has_an_owner_forgets_the_others()
    {
        await using var fed = await FedCache.StartAsync();
        await ObjectAsync(fed, "p");
        var item = await ObjectAsync(fed, "a", owners: "o p");
        var merge = Assert.IsType<MergeObject>(Assert.Single(GarbageCollector.Plan(item, fed.Cache, 0)));
        Assert.Equal("u-p", Assert.Single(merge.Patch["metadata"]!["ownerReferences"]!.AsArray())!["uid"]!.GetValue<string>());
        Assert.Equal(item.Revision, merge.ExpectedRevision);
    }

    [Fact]
    public async Task An_owner_of_another_namespace_is_no_owner()
    {
        await using var fed = await FedCache.StartAsync();
        await ObjectAsync(fed, "o", ns: "elsewhere");
        Assert.IsType<DeleteObject>(Assert.Single(GarbageCollector.Plan(await ObjectAsync(fed, "a", owners: "o"), fed.Cache, 0)));
    }

    [Fact]
    public async Task An_object_with_its_owner_or_without_any_is_nobodys_garbage()
    {
        await using var fed = await FedCache.StartAsync();
        Assert.Empty(GarbageCollector.Plan(await ObjectAsync(fed, "o"), fed.Cache, 0));
        Assert.Empty(GarbageCollector.Plan(await ObjectAsync(fed, "a", owners: "o"), fed.Cache, 0));
    }

    [Fact]
    public async Task Foreground_waits_for_dependents_that_block()
    {
        await using var fed = await FedCache.StartAsync();
        var owner = await ObjectAsync(fed, "o", finalizer: "foregroundDeletion");
        var dependent = await ObjectAsync(fed, "a", owners: "o");
        Assert.Empty(GarbageCollector.Plan(owner, fed.Cache, 0));
        Assert.IsType<DeleteObject>(Assert.Single(GarbageCollector.Plan(dependent, fed.Cache, 0)));
        await fed.DeleteAsync(dependent.Key);
        var done = Assert.IsType<MergeObject>(Assert.Single(GarbageCollector.Plan(owner, fed.Cache, 0)));
        Assert.Null(done.Patch["metadata"]!["finalizers"]);
        Assert.True(done.Patch["metadata"]!.AsObject().ContainsKey("finalizers"));
    }

    [Fact]
    public async Task A_dependent_with_dependents_of_its_own_goes_in_the_foreground_too()
    {
        await using var fed = await FedCache.StartAsync();
        await ObjectAsync(fed, "o", finalizer: "foregroundDeletion");
        var middle = await ObjectAsync(fed, "a", owners: "o");
        await ObjectAsync(fed, "b", owners: "a");
        Assert.Equal("Foreground", Assert.IsType<DeleteObject>(Assert.Single(GarbageCollector.Plan(middle, fed.Cache, 0))).Propagation);
    }

    [Fact]
    public async Task A_circle_of_owners_stops_blocking_itself()
    {
        await using var fed = await FedCache.StartAsync();
        await ObjectAsync(fed, "o", owners: "a", finalizer: "foregroundDeletion");
        var merge = Assert.IsType<MergeObject>(Assert.Single(GarbageCollector.Plan(await ObjectAsync(fed, "a", owners: "o"), fed.Cache, 0)));
        Assert.Null(Assert.Single(merge.Patch["metadata"]!["ownerReferences"]!.AsArray())!["blockOwnerDeletion"]);
    }

    [Fact]
    public async Task Orphan_lets_dependents_go_before_the_owner_leaves()
    {
        await using var fed = await FedCache.StartAsync();
        var owner = await ObjectAsync(fed, "o", finalizer: "orphan");
        var dependent = await ObjectAsync(fed, "a", owners: "o");
        var orphaned = Assert.IsType<MergeObject>(Assert.Single(GarbageCollector.Plan(owner, fed.Cache, 0)));
        Assert.Equal((dependent.Key, "orphaned"), (orphaned.Key, orphaned.Verb));
        await fed.ChangeAsync(dependent.Key, """{"metadata":{"ownerReferences":null}}""");
        Assert.Equal((owner.Key, "finalized"), Assert.IsType<MergeObject>(Assert.Single(GarbageCollector.Plan(owner, fed.Cache, 0))) is var m ? (m.Key, m.Verb) : default);
    }

    private static async Task<KubeObject> ObjectAsync(FedCache fed, string name, string owners = "", string? finalizer = null, string ns = "default")
    {
        var references = owners.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(o => $$"""{"apiVersion":"v1","kind":"ConfigMap","name":"{{o}}","uid":"u-{{o}}","blockOwnerDeletion":true}""");
        var deletion = finalizer is null ? "" : $$""","deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["{{finalizer}}"]""";
        return (await fed.CreateAsync($$$"""
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","namespace":"{{{ns}}}","uid":"u-{{{name}}}",
             "ownerReferences":[{{{string.Join(",", references)}}}]{{{deletion}}}}}
            """))!;
    }
}
