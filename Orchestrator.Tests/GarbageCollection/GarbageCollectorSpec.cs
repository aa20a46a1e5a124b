using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.GarbageCollection;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.GarbageCollection;

public sealed class GarbageCollectorSpec
{
    [Fact]
    public async Task An_object_whose_owners_are_all_gone_is_deleted()
    {
        await using var fed = await FedCache.StartAsync();
        var delete = Assert.IsType<DeleteObject>(Assert.Single(GarbageCollector.Plan(await ObjectAsync(fed, "a", owners: "o"), fed.Cache, 7)));
        Assert.Equal(fed.Revision, delete.ExpectedRevision); // Whoever takes it over meanwhile keeps it.
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

    [Theory]
    [InlineData("v1", "ConfigMap", "other", "u-o")]
    [InlineData("v1", "Secret", "o", "u-o")]
    [InlineData("v1", "Namespace", "o", "u-o")]
    [InlineData("v1", "ConfigMap", "o", "u-former")]
    public async Task What_a_reference_names_and_is_not_there_is_absent_whoever_has_the_uid_now(string version, string kind, string name, string uid)
    {
        await using var fed = await FedCache.StartAsync();
        await ObjectAsync(fed, "o");
        var item = await OwnedAsync(fed, "ConfigMap", version, kind, name, uid);
        Assert.IsType<DeleteObject>(Assert.Single(GarbageCollector.Plan(item, fed.Cache, 0)));
    }

    [Theory]
    [InlineData("Namespace")]
    [InlineData("Node")]
    public async Task An_owner_that_has_a_namespace_never_takes_a_dependent_that_has_none(string kind)
    {
        await using var fed = await FedCache.StartAsync();
        var owner = await ObjectAsync(fed, "o");
        var item = await OwnedAsync(fed, kind, "v1", "ConfigMap", "o", "u-o");
        foreach (var _ in (string[])["while the owner is there", "when it is gone"])
        {
            var said = Assert.IsType<MergeObject>(Assert.Single(GarbageCollector.Plan(item, fed.Cache, 0)));
            Assert.Empty(said.Patch);
            Assert.Equal("OwnerRefInvalidNamespace", Assert.Single(said.RecordedEvents).Reason);
            Assert.Empty(GarbageCollector.DependentsOf(owner, fed.Cache));
            await fed.DeleteAsync(owner.Key);
        }
    }

    [Theory]
    [InlineData("example.com/v1", "ConfigMap")]
    [InlineData("v1", "Widget")]
    [InlineData("apps/v1", "Pod")]
    public async Task An_owner_of_a_kind_that_is_not_served_says_nothing(string version, string kind)
    {
        await using var fed = await FedCache.StartAsync();
        Assert.Empty(GarbageCollector.Plan(await OwnedAsync(fed, "ConfigMap", version, kind, "o", "u-o"), fed.Cache, 0));
    }

    [Theory]
    [InlineData("u-job", false, false, 0)]
    [InlineData("u-job", true, false, 0)]
    [InlineData("u-former", true, false, 1)]
    [InlineData("u-former", false, true, 0)]
    [InlineData(null, false, false, 1)]
    public async Task A_pod_that_its_job_tracks_is_let_go_when_the_job_is_gone(string? owner, bool isDeleting, bool isDeleted, int released)
    {
        await using var fed = await FedCache.StartAsync();
        await fed.CreateAsync("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default","uid":"u-ns"}}""");
        await fed.CreateAsync("""{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"job","namespace":"default","uid":"u-job"}}""");
        var metadata = new JsonObject { ["name"] = "p", ["namespace"] = "default", ["uid"] = "u-p", ["finalizers"] = new JsonArray("example.com/other", JobDefinition.Instance.TrackingFinalizer) };
        if (owner is not null)
        {
            metadata["ownerReferences"] = new JsonArray(new JsonObject { ["apiVersion"] = "batch/v1", ["kind"] = "Job", ["name"] = "job", ["uid"] = owner, ["controller"] = true });
        }

        if (isDeleting)
        {
            metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        }

        var pod = await fed.CreateAsync(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = metadata }.ToJsonString());
        var plan = GarbageCollector.Plan(pod!, fed.Cache, 0);
        Assert.Equal(isDeleted, plan.Any(c => c is DeleteObject));
        Assert.Equal(released, plan.Count(c => c is MergeObject));
        Assert.All(plan.OfType<MergeObject>(), m => Assert.Equal("example.com/other", Assert.Single(m.Patch["metadata"]!["finalizers"]!.AsArray())!.GetValue<string>()));
    }

    [Fact]
    public async Task An_owner_is_found_by_another_version_of_its_kind()
    {
        await using var fed = await FedCache.StartAsync();
        await fed.CreateAsync("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","namespace":"default","uid":"u-d"}}""");
        Assert.Empty(GarbageCollector.Plan(await OwnedAsync(fed, "ConfigMap", "apps/v1beta1", "Deployment", "d", "u-d"), fed.Cache, 0));
    }

    [Fact]
    public async Task An_object_with_its_owner_or_without_any_is_nobodys_garbage()
    {
        await using var fed = await FedCache.StartAsync();
        await fed.CreateAsync("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default","uid":"u-default"} }""");
        Assert.Empty(GarbageCollector.Plan(await ObjectAsync(fed, "o"), fed.Cache, 0));
        Assert.Empty(GarbageCollector.Plan(await ObjectAsync(fed, "a", owners: "o"), fed.Cache, 0));
    }

    [Fact]
    public async Task An_object_without_owners_whose_namespace_is_gone_is_deleted()
    {
        await using var fed = await FedCache.StartAsync();
        Assert.IsType<DeleteObject>(Assert.Single(GarbageCollector.Plan(await ObjectAsync(fed, "o"), fed.Cache, 0)));
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

    private static async Task<KubeObject> OwnedAsync(FedCache fed, string kind, string ownerVersion, string ownerKind, string ownerName, string ownerUid) => (await fed.CreateAsync($$$"""
        {"apiVersion":"v1","kind":"{{{kind}}}","metadata":{"name":"a","namespace":"{{{(kind == "ConfigMap" ? "default" : "")}}}","uid":"u-a",
         "ownerReferences":[{"apiVersion":"{{{ownerVersion}}}","kind":"{{{ownerKind}}}","name":"{{{ownerName}}}","uid":"{{{ownerUid}}}"}]}}
        """))!;

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
