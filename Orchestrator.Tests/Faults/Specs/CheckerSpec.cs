using Orchestrator.Tests.Faults.Checks;

namespace Orchestrator.Tests.Faults.Specs;

/// <summary>Each check finds the history that breaks its promise, and none is found in one that keeps all of them.</summary>
public sealed class CheckerSpec
{
    private static readonly Evidence Good = new()
    {
        Operations =
        [
            Write(Verb.Create, "x", 1, 10, group: "a"),
            Write(Verb.Change, "x", 2, 11, key: "k1"),
            Write(Verb.Change, "x", 3, 0, key: "k2", outcome: Outcome.Unknown, status: 504),
            Write(Verb.Change, "x", 4, 0, key: "k3", outcome: Outcome.Refused, status: 503),
            Write(Verb.Create, "y", 5, 13),
            Write(Verb.Delete, "y", 6, 0),
            Write(Verb.Create, "n", 7, 15),
            Write(Verb.Count, "n", 8, 16, value: 1),
            Write(Verb.Count, "n", 9, 17, value: 2),
            Read(Verb.Get, "x", 10, 12),
            Read(Verb.Get, "y", 11, 0, status: 404),
            Read(Verb.List, "", 12, 17) with { Items = new Dictionary<string, long> { ["x"] = 12, ["n"] = 17 } },
        ],
        Seen =
        [
            Told("w", 1, SeenKind.Listed, "", 5, []),
            Told("w", 2, SeenKind.Added, "x", 10),
            Told("w", 3, SeenKind.Modified, "x", 11),
            Told("w", 4, SeenKind.Modified, "x", 12),
            Told("w", 5, SeenKind.Ended, "", 0),
            Told("w", 5, SeenKind.Added, "y", 13),
            Told("w", 6, SeenKind.Deleted, "y", 14),
            Told("w", 7, SeenKind.Added, "n", 15),
            Told("w", 8, SeenKind.Modified, "n", 16),
            Told("w", 9, SeenKind.Modified, "n", 17),
            Told("w", 10, SeenKind.Bookmark, "", 17),
            Told("a", 1, SeenKind.Listed, "", 5, []),
            Told("a", 2, SeenKind.Added, "x", 10),
            Told("a", 3, SeenKind.Modified, "x", 11),
            Told("a", 4, SeenKind.Modified, "x", 12),
        ],
        Tries = [new FaultTry("kill", "h1", At(2), At(3), At(4), null)],
        Replicas = [Host("h1", ("x", Object(12, "a", "k1", "k2")), ("n", Counter(17, 2))), Host("h2", ("x", Object(12, "a", "k1", "k2")), ("n", Counter(17, 2)))],
        Selectors = new Dictionary<string, string?> { ["w"] = null, ["a"] = "a" },
    };

    [Fact]
    public void A_good_history_has_no_violation() => Assert.Empty(AllChecks.Run(Good).SelectMany(c => c.Violations));

    [Fact]
    public void Of_an_unknown_write_either_end_is_good() => Assert.Empty(Broken<WritesCheck>(Good with { Replicas = [Host("h1", ("x", Object(11, "a", "k1")), ("n", Counter(17, 2)))] }));

    [Theory]
    [InlineData("acknowledged and is gone", "k1 of x was acknowledged", "", "k1,k2")]
    [InlineData("k1 of x was acknowledged and is not there", null, "k2", null)]
    [InlineData("k3 of x was refused and is stored", null, "k1,k2,k3", null)]
    public void Writes_that_are_lost_or_stored_after_all_are_found(string message, string? not, string keys, string? gone)
    {
        var objects = gone is null ? new[] { ("x", Object(12, "a", keys.Split(','))), ("n", Counter(17, 2)) } : [("n", Counter(17, 2))];
        var found = Assert.Single(Broken<WritesCheck>(Good with { Replicas = [Host("h1", objects)] }));
        Assert.Contains(message, found, StringComparison.Ordinal);
        Assert.True(not is null || !found.Contains(not, StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_deleted_and_is_back_is_found() =>
        Assert.Equal(["y was deleted and is there again"], Broken<WritesCheck>(Good with { Replicas = [Host("h1", ("x", Object(12, "a", "k1")), ("y", Object(13, null)), ("n", Counter(17, 2)))] }));

    [Fact]
    public void A_refused_create_that_is_stored_is_found() => Assert.Equal(["z was refused and is stored"], Broken<WritesCheck>(Good with
    {
        Operations = [.. Good.Operations, Write(Verb.Create, "z", 20, 0, outcome: Outcome.Refused, status: 503)],
        Replicas = [Host("h1", ("x", Object(12, "a", "k1")), ("z", Object(18, null)), ("n", Counter(17, 2)))],
    }));

    [Fact]
    public void An_older_version_than_the_acknowledged_one_is_found() =>
        Assert.Equal(["x was acknowledged as 11 and is 10 now"], Broken<WritesCheck>(Good with { Replicas = [Host("h1", ("x", Object(10, "a", "k1")), ("n", Counter(17, 2)))] }));

    [Fact]
    public void A_write_that_is_stored_twice_is_found() =>
        Assert.Contains("x has 2 versions (12, 18)", Assert.Single(Broken<OnceCheck>(Good with { Seen = [.. Good.Seen, Told("w", 11, SeenKind.Modified, "x", 18)] })), StringComparison.Ordinal);

    [Fact]
    public void A_value_that_is_counted_twice_is_found() => Assert.Equal(
        ["n = 2 was acknowledged to c as 17 and to c as 18", "n is 2 after 3 acknowledged and 0 unknown counts"],
        Broken<CountersCheck>(Good with { Operations = [.. Good.Operations, Write(Verb.Count, "n", 20, 18, value: 2)] }));

    [Fact]
    public void A_count_that_is_lost_or_too_much_is_found()
    {
        Assert.Equal(["n is 1 after 2 acknowledged and 0 unknown counts"], Broken<CountersCheck>(Good with { Replicas = [Host("h1", ("n", Counter(17, 1)))] }));
        Assert.Equal(["n is 3 after 2 acknowledged and 0 unknown counts"], Broken<CountersCheck>(Good with { Replicas = [Host("h1", ("n", Counter(17, 3)))] }));
    }

    [Fact]
    public void A_later_value_with_an_earlier_version_is_found() => Assert.Equal(["n = 2 is 17, and 3 is 9", "n is 2 after 3 acknowledged and 0 unknown counts"],
        Broken<CountersCheck>(Good with { Operations = [.. Good.Operations, Write(Verb.Count, "n", 20, 9, value: 3)] }));

    [Fact]
    public void Revisions_that_fall_or_are_given_twice_are_found()
    {
        Assert.Equal(["Create z got 14 after Count n had got 17"], Broken<RevisionsCheck>(Good with { Operations = [.. Good.Operations, Write(Verb.Create, "z", 20, 14)] }));
        Assert.Equal(["17 was given to Count n of c and to Create z of c"], Broken<RevisionsCheck>(Good with { Operations = [.. Good.Operations, Write(Verb.Create, "z", 20, 17)] }));
    }

    [Fact]
    public void Writes_at_the_same_time_may_have_either_order() => Assert.Empty(
        Broken<RevisionsCheck>(Good with { Operations = [.. Good.Operations, Write(Verb.Create, "z", 20, 14) with { Began = At(1) }] }));

    [Theory]
    [InlineData("x", 11L, 200, "a get by h1 has 11, after 12 was known")]
    [InlineData("x", 0L, 404, "a get by h1 does not have it")]
    [InlineData("y", 13L, 200, "a get by h1 has it after it was deleted")]
    public void Stale_gets_are_found(string name, long revision, int status, string message) =>
        Assert.Equal([message], Broken<ReadsCheck>(Good with { Operations = [.. Good.Operations, Read(Verb.Get, name, 20, revision, status)] }));

    [Fact]
    public void Stale_lists_are_found() => Assert.Equal(["a list by h1 is of 16, after 17 was known", "a list by h1 does not have it", "a list by h1 has 16, after 17 was known"], Broken<ReadsCheck>(Good with
    {
        Operations = [.. Good.Operations, Read(Verb.List, "", 20, 16) with { Items = new Dictionary<string, long> { ["n"] = 16 } }],
    }));

    [Fact]
    public void A_change_that_a_watcher_was_not_told_is_found()
    {
        Assert.Contains("w was not told x 11, which was acknowledged", Broken<WatchesCheck>(Good with { Seen = [.. Good.Seen.Where(s => s is not { Watcher: "w", Revision: 11 })] }));
        Assert.Equal(["a was not told x 10, which was acknowledged"], Broken<WatchesCheck>(Good with { Seen = [.. Good.Seen.Where(s => s is not { Watcher: "a", Revision: 10 })] }));
    }

    [Fact]
    public void A_change_that_only_another_watcher_was_told_is_found()
    {
        var other = Good.Seen.Where(s => s.Watcher == "w" && s.Revision != 12).Select(s => s with { Watcher = "v" });
        Assert.Equal(["v was not told x 12, which was told to w"],
            Broken<WatchesCheck>(Good with { Seen = [.. Good.Seen, .. other], Selectors = new Dictionary<string, string?> { ["w"] = null, ["v"] = null } }));
    }

    [Theory]
    [InlineData("Modified", "n", 17L)]
    [InlineData("Modified", "n", 3L)]
    [InlineData("Bookmark", "", 16L)]
    public void What_is_told_twice_or_late_is_found(string kind, string name, long revision) => Assert.Equal(
        [$"w was told {kind} {name} {revision} after 17"], Broken<WatchesCheck>(Good with { Seen = [.. Good.Seen, Told("w", 11, Enum.Parse<SeenKind>(kind), name, revision)] }));

    [Fact]
    public void After_a_list_the_changes_before_it_need_not_be_told() => Assert.Empty(Broken<WatchesCheck>(Good with
    {
        Seen = [.. Good.Seen.Where(s => s.Watcher == "w").Take(2), Told("w", 8, SeenKind.Listed, "", 16, new Dictionary<string, long> { ["x"] = 12, ["n"] = 16 }), Told("w", 9, SeenKind.Modified, "n", 17)],
        Selectors = new Dictionary<string, string?> { ["w"] = null },
    }));

    [Fact]
    public void A_watcher_whose_objects_differ_is_found()
    {
        Assert.Equal(["w has n as 16, the list as 17"], Broken<FoldsCheck>(Good with { Seen = [.. Good.Seen.Where(s => s is not { Watcher: "w", Revision: 17, IsChange: true })] }));
        Assert.Equal(["w was told Deleted z 18 and did not have it"], Broken<FoldsCheck>(Good with { Seen = [.. Good.Seen, Told("w", 11, SeenKind.Deleted, "z", 18)] }));
        Assert.Contains("w was told Added x 18 and had it", Broken<FoldsCheck>(Good with { Seen = [.. Good.Seen, Told("w", 11, SeenKind.Added, "x", 18)] }));
    }

    [Fact]
    public void Hosts_that_differ_are_found() => Assert.Equal(["n is 17 at h1 and absent at h2"],
        Broken<ReplicasCheck>(Good with { Replicas = [Good.Replicas[0], Host("h2", ("x", Object(12, "a")))] }));

    [Fact]
    public void Answers_that_are_not_true_are_found()
    {
        Assert.Equal(["Change x at h1 was answered with 500: "], Broken<AnswersCheck>(With(Write(Verb.Change, "x", 20, 0, outcome: Outcome.Unknown, status: 500))));
        Assert.Equal(["Change x at h1 was answered with 404, and it is there"], Broken<AnswersCheck>(With(Write(Verb.Change, "x", 20, 0, outcome: Outcome.Refused, status: 404))));
        Assert.Equal(["Create z at h1 was answered with 409, and nobody else made it"], Broken<AnswersCheck>(With(Write(Verb.Create, "z", 20, 0, outcome: Outcome.Refused, status: 409))));
    }

    [Fact]
    public void What_does_not_recover_settle_or_go_is_found()
    {
        Assert.Single(Broken<RecoveryCheck>(Good with { Tries = [Good.Tries[0] with { Problem = "not ready" }] }));
        Assert.Single(Broken<EndCheck>(Good with { Unmet = ["pods"] }));
        Assert.Single(Broken<LeftoversCheck>(Good with { Leftovers = ["process 1"] }));
    }

    [Fact]
    public void The_report_shows_what_led_to_a_violation()
    {
        var evidence = With(Read(Verb.Get, "x", 20, 11));
        var report = Report.Of(evidence, AllChecks.Run(evidence));
        Assert.Contains("a get by h1 has 11, after 12 was known", report, StringComparison.Ordinal);
        Assert.Contains("Change x k2: Unknown 504", report, StringComparison.Ordinal);
        Assert.Contains("fault kill of h1", report, StringComparison.Ordinal);
        Assert.DoesNotContain("Create y", report, StringComparison.Ordinal);
    }

    private static Evidence With(Operation operation) => Good with { Operations = [.. Good.Operations, operation] };

    private static IReadOnlyList<string> Broken<T>(Evidence evidence)
        where T : ICheck, new() => [.. new T().Run(evidence).Violations.Select(v => v.Message)];

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    // A write lasts half a second, so that none overlaps with the next.
    private static Operation Write(Verb verb, string name, double at, long revision, string key = "", long value = 0, string? group = null, Outcome outcome = Outcome.Acknowledged, int status = 200) =>
        new("c", "h1", verb, name) { Began = At(at), Ended = At(at + 0.5), Revision = revision, Key = key, Value = value, Group = group, Outcome = outcome, Status = status };

    private static Operation Read(Verb verb, string name, double at, long revision, int status = 200) =>
        Write(verb, name, at, revision, outcome: status == 200 ? Outcome.Acknowledged : Outcome.Refused, status: status);

    private static Seen Told(string watcher, double at, SeenKind kind, string name, long revision, Dictionary<string, long>? items = null) => new(watcher, "h1", At(at), kind, name, revision, items);

    private static StoredObject Object(long revision, string? group, params string[] keys) => new(revision, group, keys.ToDictionary(k => k, k => "c"));

    private static StoredObject Counter(long revision, long value) => new(revision, null, new Dictionary<string, string> { [CountersCheck.Key] = $"{value}" });

    private static Replica Host(string name, params (string Name, StoredObject Object)[] objects) => new(name, objects.Max(o => o.Object.Revision), objects.ToDictionary(o => o.Name, o => o.Object));
}
