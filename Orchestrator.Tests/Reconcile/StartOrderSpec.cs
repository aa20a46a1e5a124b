using System.Globalization;
using CsCheck;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Reconcile;

public sealed class StartOrderSpec
{
    // Who there is: name, how far (c complete, i incomplete, f failed), and whom it starts after. "a" is to start.
    [Theory]
    [InlineData("a:i", null, "")]
    [InlineData("a:i>b b:c", null, "")]
    [InlineData("a:i>b b:i", "WaitingForTargets", "Waits for deployment/b before pods are created")]
    [InlineData("a:i>b,c,d b:i c:c d:i", "WaitingForTargets", "Waits for deployment/b, deployment/d before pods are created")]
    [InlineData("a:i>b,c b:i", "TargetNotFound", "Waits for deployment/c, which does not exist")]
    [InlineData("a:i>b,c b:f", "TargetFailed", "Waits for deployment/b, which failed: replace it, or remove it from the annotation orchestrator.io/start-after")]
    [InlineData("a:i>a", "StartCycle", "Never starts: deployment/a starts after deployment/a. Remove one of these from its annotation orchestrator.io/start-after.")]
    [InlineData("a:i>b,c b:i c:i>d d:i>a", "StartCycle",
        "Never starts: deployment/a starts after deployment/c starts after deployment/d starts after deployment/a. Remove one of these from its annotation orchestrator.io/start-after.")]
    [InlineData("a:i>b b:c>a", null, "")]
    [InlineData("a:i>b b:i>c c:c>a", "WaitingForTargets", "Waits for deployment/b before pods are created")]
    [InlineData("a:i>b b:i>c c:i>b", "WaitingForTargets", "Waits for deployment/b before pods are created")]
    public void A_workload_waits_for_what_is_not_complete_and_says_what_will_never_be(string world, string? reason, string message)
    {
        var all = world.Split(' ').Select(w => w.Split(':', '>')).ToDictionary(w => Key(w[0]), w => new StartTarget(
            w[1] switch { "c" => Completion.Complete, "f" => Completion.Failed, _ => Completion.Incomplete }, w.Length > 2 ? [.. w[2].Split(',').Select(Key)] : []));
        var wait = StartOrder.Wait(Key("a"), all[Key("a")].StartsAfter, all.GetValueOrDefault);
        Assert.Equal((reason, message, reason is not (null or "WaitingForTargets")), (wait?.Reason, wait?.Message ?? "", wait?.NeedsHelp == true));
    }

    [Fact]
    public void Everyone_starts_in_order_unless_one_of_them_is_missing_failed_or_in_a_cycle() =>
        Gen.Select(Gen.Int[0, 6].Array[0, 3], Gen.Int[0, 9]).Array[1, 6].Sample(gates =>
        {
            var after = gates.Select(g => (IReadOnlyList<ObjectKey>)[.. g.Item1.Select(Key).Distinct()]).ToArray();
            var fails = gates.Select(g => g.Item2 == 0).ToArray();
            var started = new List<int>();
            StartTarget? Find(ObjectKey key) => int.Parse(key.Name, CultureInfo.InvariantCulture) is var i && i < gates.Length
                ? new StartTarget(!started.Contains(i) ? Completion.Incomplete : fails[i] ? Completion.Failed : Completion.Complete, after[i]) : null;
            StartWait? Wait(int i) => StartOrder.Wait(Key(i), after[i], Find);
            while (Enumerable.Range(0, gates.Length).FirstOrDefault(i => !started.Contains(i) && Wait(i) is null, -1) is var next and >= 0)
            {
                Assert.All(after[next], k => Assert.Equal(Completion.Complete, Find(k)!.Completion));
                started.Add(next);
            }

            // Who waits in the end can be traced to somebody who says that waiting does not help.
            bool IsStuck(int i, HashSet<int> seen) => Wait(i)!.NeedsHelp
                || after[i].Select(k => int.Parse(k.Name, CultureInfo.InvariantCulture)).Any(j => j < gates.Length && !started.Contains(j) && seen.Add(j) && IsStuck(j, seen));
            Assert.All(Enumerable.Range(0, gates.Length).Except(started), i => Assert.True(IsStuck(i, [i])));
        });

    private static ObjectKey Key(string name) => new("deployments.apps", "default", name);

    private static ObjectKey Key(int i) => Key(i.ToString(CultureInfo.InvariantCulture));
}
