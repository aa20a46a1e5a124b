using k8s.Models;
using Orchestrator.Actors.GarbageCollection;

namespace Orchestrator.Tests.GarbageCollection;

public sealed class GarbageCollectorSpec
{
    [Fact]
    public void Background_deletes_what_only_the_owner_held()
    {
        var action = Assert.Single(GarbageCollector.Plan(Object("o"), PropagationPolicy.Background, [Object("a", "o"), Object("b", "o", "other")]));
        Assert.Equal("a", Assert.IsType<GarbageAction.Delete>(action).Target.Metadata.Uid);
    }

    [Fact]
    public void Foreground_waits_for_dependents_that_block()
    {
        var owner = Object("o");
        owner.Metadata.Finalizers = [GarbageCollector.ForegroundFinalizer];
        var waiting = GarbageCollector.Plan(owner, PropagationPolicy.Foreground, [Object("a", "o")]);
        Assert.Equal(PropagationPolicy.Foreground, Assert.IsType<GarbageAction.Delete>(Assert.Single(waiting)).Policy);
        var done = GarbageCollector.Plan(owner, PropagationPolicy.Foreground, []);
        Assert.Equal(GarbageCollector.ForegroundFinalizer, Assert.IsType<GarbageAction.RemoveFinalizer>(Assert.Single(done)).Finalizer);
    }

    [Fact]
    public void Orphan_lets_dependents_go_before_the_owner_leaves()
    {
        var owner = Object("o");
        owner.Metadata.Finalizers = [GarbageCollector.OrphanFinalizer];
        Assert.IsType<GarbageAction.RemoveOwners>(Assert.Single(GarbageCollector.Plan(owner, PropagationPolicy.Orphan, [Object("a", "o")])));
        Assert.IsType<GarbageAction.RemoveFinalizer>(Assert.Single(GarbageCollector.Plan(owner, PropagationPolicy.Orphan, [])));
    }

    [Fact]
    public void An_object_whose_owners_are_all_gone_is_deleted() =>
        Assert.IsType<GarbageAction.Delete>(Assert.Single(GarbageCollector.PlanDependent(Object("a", "o"), _ => OwnerState.Absent, [])));

    [Fact]
    public void An_object_that_still_has_an_owner_forgets_the_others()
    {
        var actions = GarbageCollector.PlanDependent(Object("a", "o", "p"), r => r.Uid == "o" ? OwnerState.Absent : OwnerState.Present, []);
        Assert.Equal(["o"], Assert.IsType<GarbageAction.RemoveOwners>(Assert.Single(actions)).OwnerUids);
    }

    [Fact]
    public void An_object_without_owners_is_nobodys_garbage() =>
        Assert.Empty(GarbageCollector.PlanDependent(Object("a"), _ => OwnerState.Absent, []));

    private static GarbageObject Object(string uid, params string[] owners) => new("v1", "Pod", new V1ObjectMeta
    {
        Name = uid, Uid = uid,
        OwnerReferences = [.. owners.Select(o => new V1OwnerReference { Uid = o, Name = o, BlockOwnerDeletion = true })],
    });
}
