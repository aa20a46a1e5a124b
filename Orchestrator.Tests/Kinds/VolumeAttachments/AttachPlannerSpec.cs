using CsCheck;
using Orchestrator.Actors.Kinds.VolumeAttachments;

namespace Orchestrator.Tests.Kinds.VolumeAttachments;

/// <summary>To which nodes a volume is attached, and when it is let go.</summary>
public sealed class AttachPlannerSpec
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly AttachNode Well = new(true, true, false);

    [Fact]
    public void A_volume_is_attached_where_pods_use_it()
    {
        Assert.Equal(["a", "b"], Plan(["b", "a", "b"]).Attach);
        Assert.Empty(Plan(["a"], isNeeded: false).Attach);
        Assert.Empty(Plan(["a"], attachments: On("a")).Attach);
        Assert.Empty(Plan(["a"], node: Well with { Exists = false }).Attach);
        Assert.Empty(Plan(["a"], node: Well with { IsOutOfService = true }).Attach);
    }

    [Fact]
    public void One_node_at_a_time_has_what_one_node_alone_may_have()
    {
        var two = Plan(["b", "a"], isExclusive: true);
        Assert.Equal(("a", "b"), (Assert.Single(two.Attach), Assert.Single(two.Refused)));
        var taken = Plan(["b"], isExclusive: true, attachments: On("a") with { IsDeleting = true });
        Assert.Empty(taken.Attach);
        Assert.Equal("b", Assert.Single(taken.Refused));
    }

    [Fact]
    public void It_is_let_go_once_it_is_unmounted()
    {
        Assert.Equal(["a"], Plan([], attachments: On("a")).Detach.Select(d => d.Node));
        var mounted = Plan([], attachments: On("a") with { IsMounted = true });
        Assert.Empty(mounted.Detach);
        Assert.Equal(["a"], mounted.Unused.Select(d => d.Node));
        Assert.Equal(["a"], Plan(["a"], attachments: On("a") with { UnusedSince = Now }).Used.Select(d => d.Node));
        Assert.Empty(Plan(["a"], attachments: On("a")).Detach);
        Assert.Empty(Plan([], attachments: On("a") with { IsDeleting = true }).Detach);
    }

    [Theory]
    [InlineData(true, true, false, 60, false)]
    [InlineData(true, false, false, 5, false)]
    [InlineData(true, false, false, 6, true)]
    [InlineData(true, true, true, 0, true)]
    [InlineData(false, false, false, 0, true)]
    public void A_node_that_does_not_answer_is_not_waited_for_without_end(bool exists, bool isReady, bool isOutOfService, int minutes, bool isDetached)
    {
        var plan = Plan([], node: new(exists, isReady, isOutOfService), attachments: On("a") with { IsMounted = true, UnusedSince = Now - TimeSpan.FromMinutes(minutes) });
        Assert.Equal(isDetached ? 1 : 0, plan.Detach.Count);
        Assert.Equal(!isDetached && !isReady ? AttachPlanner.UnmountBound - TimeSpan.FromMinutes(minutes) : null, plan.RecheckAfter);
    }

    // Whatever there is, the plan leads to a state for which the plan is empty.
    [Fact]
    public void It_converges() => (from users in Gen.Int[0, 2].Select(i => "abc"[i..(i + 1)]).List[0, 4]
                                   from attached in Gen.Int[0, 2].Select(i => "abc"[i..(i + 1)]).List[0, 3]
                                   from mounted in Gen.Bool
                                   from exclusive in Gen.Bool
                                   select (users, attached, mounted, exclusive)).Sample(world =>
    {
        var all = world.attached.Distinct().Select(n => On(n) with { IsMounted = world.mounted }).ToList();
        for (var round = 0; round < 5; round++)
        {
            var plan = AttachPlanner.Plan(new(true, world.exclusive, world.users, all, _ => Well), Now);
            Assert.All(plan.Detach, d => Assert.False(d.IsMounted));
            all = [.. all.Where(a => !plan.Detach.Contains(a)).Select(a => plan.Unused.Contains(a) ? a with { UnusedSince = Now } : plan.Used.Contains(a) ? a with { UnusedSince = null } : a), .. plan.Attach.Select(On)];
        }

        var last = AttachPlanner.Plan(new(true, world.exclusive, world.users, all, _ => Well), Now);
        Assert.Equal((0, 0, 0, 0), (last.Attach.Count, last.Detach.Count, last.Used.Count, last.Unused.Count));
        Assert.True(!world.exclusive || world.attached.Count > 0 || all.Count <= 1);
    });

    private static Attachment On(string node) => new($"csi-{node}", node, false, false, null);

    private static AttachPlan Plan(string[] users, bool isNeeded = true, bool isExclusive = false, AttachNode? node = null, params Attachment[] attachments) =>
        AttachPlanner.Plan(new(isNeeded, isExclusive, users, attachments, _ => node ?? Well), Now);
}
