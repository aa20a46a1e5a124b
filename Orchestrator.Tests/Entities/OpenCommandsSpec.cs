using CsCheck;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.ConfigMaps;

namespace Orchestrator.Tests.Entities;

/// <summary>Commands, their replies and their retries, without actors; the time is an argument.</summary>
public sealed class OpenCommandsSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);
    private static readonly RetryPolicy Policy = RetryPolicy.Default;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(4, 8)]
    [InlineData(5, 10)]
    [InlineData(6, 10)]
    [InlineData(5000, 10)]
    public void The_delay_doubles_up_to_the_longest(int failures, int seconds) => Assert.Equal(Seconds(seconds), Policy.Delay(failures));

    [Theory]
    [InlineData(ApiReason.Timeout, true)]
    [InlineData(ApiReason.ServiceUnavailable, true)]
    [InlineData(ApiReason.InsufficientStorage, true)]
    [InlineData(ApiReason.Invalid, true)]
    [InlineData(ApiReason.Conflict, true)]
    [InlineData(ApiReason.NotFound, false)]
    [InlineData(null, false)]
    public void What_is_refused_is_decided_again_unless_the_object_is_gone(ApiReason? reason, bool isAgain)
    {
        var commands = Commands();
        var settled = commands.Take(Reply(Sent(commands, 7, 0), reason), Seconds(2));
        Assert.Equal(isAgain ? Seconds(1) : null, settled!.Value.AgainIn);
        Assert.Empty(commands.TakeDue(Seconds(2.9)).Again);
        Assert.Equal(isAgain ? [7] : [], commands.TakeDue(Seconds(3)).Again);
    }

    [Fact]
    public void Without_a_policy_nothing_is_decided_again()
    {
        var commands = new OpenCommands<int>(0, Bound, null);
        Assert.Null(commands.Take(Reply(Sent(commands, 1, 0), ApiReason.Invalid), Seconds(1))!.Value.AgainIn);
        Sent(commands, 2, 0);
        var due = commands.TakeDue(Bound);
        Assert.Equal((2, 0, null), (Assert.Single(due.GivenUp).About, due.Again.Count, commands.DueAt));
    }

    [Fact]
    public void A_reply_that_is_late_doubled_or_meant_for_somebody_else_counts_for_nothing()
    {
        var commands = Commands();
        var (first, second) = (Sent(commands, 1, 0), Sent(commands, 2, 5));
        Assert.Null(commands.Take(new CommandReply(null, null), Seconds(6)));
        Assert.Null(commands.Take(new CommandReply(null, null) { CorrelationId = second.CorrelationId + 1 }, Seconds(6)));
        Assert.Equal(2, commands.Take(Reply(second, null), Seconds(6))!.Value.About);
        Assert.Null(commands.Take(Reply(second, ApiReason.Invalid), Seconds(6)));
        var givenUp = Assert.Single(commands.TakeDue(Seconds(15)).GivenUp);
        Assert.Equal((first, ApiReason.Timeout), (givenUp.Command, givenUp.Reply.Error!.Reason));
        Assert.Null(commands.Take(Reply(first, null), Seconds(16)));
    }

    [Fact]
    public void A_command_that_was_given_up_says_whom_it_went_to_and_how_long_it_waited()
    {
        var key = ConfigMapDefinition.Instance.Key("default", "m");
        Assert.Equal("configmaps/default/m did not answer in 15 s. Read it again to see whether the change happened.", new DeleteObject(key, "me").Unanswered(Bound).Error!.Message);
        Assert.Equal("configmaps/default/m did not answer in 30 s.", new GetObject(key, "me").Unanswered(Bound * 2).Error!.Message);
    }

    [Fact]
    public void The_delay_grows_with_failures_in_a_row_and_starts_anew_after_a_success()
    {
        var commands = Commands();
        Assert.Equal([1, 2, 4, 8, 10, 10], Enumerable.Range(0, 6).Select(i => Fail(commands, i * 20)));
        commands.Take(Reply(Sent(commands, 1, 120), null), Seconds(120));
        Assert.Equal(1, Fail(commands, 121));
    }

    [Fact]
    public void Failures_before_the_next_try_are_one_failure()
    {
        var commands = Commands();
        var (first, second) = (Sent(commands, 1, 0), Sent(commands, 1, 0));
        Assert.Equal(Seconds(1), commands.Take(Reply(first, ApiReason.Invalid), TimeSpan.Zero)!.Value.AgainIn);
        Assert.Equal(Seconds(0.5), commands.Take(Reply(second, ApiReason.Invalid), Seconds(0.5))!.Value.AgainIn);
        Assert.Equal([1], commands.TakeDue(Seconds(1)).Again);
        Assert.Equal(2, Fail(commands, 2));
    }

    [Fact]
    public void Failures_by_silence_add_up()
    {
        var commands = Commands();
        Sent(commands, 1, 0);
        Assert.Equal(Seconds(1), Assert.Single(commands.TakeDue(Seconds(15)).GivenUp).AgainIn);
        Assert.Equal([1], commands.TakeDue(Seconds(16)).Again);
        Sent(commands, 1, 16.1);
        Assert.Equal(Seconds(2), Assert.Single(commands.TakeDue(Seconds(31.1)).GivenUp).AgainIn);
    }

    [Fact]
    public void What_nobody_sends_again_is_forgotten()
    {
        var commands = Commands();
        commands.Take(Reply(Sent(commands, 1, 0), ApiReason.ServiceUnavailable), TimeSpan.Zero);
        Assert.Equal([1], commands.TakeDue(Seconds(1)).Again);
        Assert.Empty(commands.TakeDue(commands.DueAt!.Value).Again);
        Assert.Null(commands.DueAt);
        Assert.Equal(1, Fail(commands, 100));
    }

    [Fact]
    public void Whatever_happens_each_command_is_settled_once_and_each_failure_is_followed_by_one_try() =>
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 4], Gen.Int[0, 4000]).Array[0, 200].Sample(steps =>
        {
            var (commands, now, lastId) = (new OpenCommands<int>(100, Bound, Policy), TimeSpan.Zero, 100L);
            var open = new SortedDictionary<long, (int About, TimeSpan SentAt)>();
            var failed = new Dictionary<int, TimeSpan>();
            foreach (var (step, n, milliseconds) in steps)
            {
                now += TimeSpan.FromMilliseconds(milliseconds);
                switch (step)
                {
                    case Step.Send:
                        var id = commands.Add(n, Command, now).CorrelationId;
                        Assert.Equal(++lastId, id);
                        open.Add(id, (n, now));
                        break;
                    case Step.Accept or Step.Refuse or Step.Gone:
                        // An open command, or one that was settled or never sent.
                        var answered = lastId + 2 - n;
                        var settled = commands.Take(Reply(answered, step == Step.Accept ? null : step == Step.Gone ? ApiReason.NotFound : ApiReason.ServiceUnavailable), now);
                        Assert.Equal(open.Remove(answered, out var was), settled is not null);
                        if (settled is not null)
                        {
                            Assert.Equal(was.About, settled.Value.About);
                            Assert.Equal(step == Step.Refuse, settled.Value.AgainIn is not null);
                            _ = step != Step.Refuse || failed.TryAdd(was.About, now);
                        }

                        break;
                    default:
                        TakeDue(now);
                        break;
                }
            }

            for (var i = 0; commands.DueAt is { } at; i++)
            {
                Assert.True(i < 100, "It never comes to rest.");
                now = at > now ? at : now;
                TakeDue(now);
            }

            Assert.Equal((0, 0, 0), (commands.Count, open.Count, failed.Count));

            void TakeDue(TimeSpan at)
            {
                Assert.All(open.Values, o => Assert.True(commands.DueAt <= o.SentAt + Bound));
                var due = commands.TakeDue(at);
                var overdue = open.Where(o => o.Value.SentAt + Bound <= at).ToList();
                Assert.Equal(overdue.Select(o => (o.Key, o.Value.About, (ApiReason?)ApiReason.Timeout)),
                    due.GivenUp.Select(g => (g.Reply.CorrelationId, g.About, g.Reply.Error?.Reason)));
                foreach (var (id, command) in overdue)
                {
                    open.Remove(id);
                    failed.TryAdd(command.About, at);
                }

                Assert.Equal(due.Again.Count, due.Again.Distinct().Count());
                foreach (var about in due.Again)
                {
                    Assert.True(failed.Remove(about, out var since), "Nothing failed since the last try.");
                    Assert.True(at - since >= Policy.First, "The try comes too early.");
                }

                Assert.All(failed.Values, since => Assert.True(at - since < Policy.Longest, "The try is overdue."));
            }
        });

    [Fact]
    public void What_is_longest_due_is_decided_first() => Gen.Int[0, 900].Array[1, 30].Sample(times =>
    {
        var commands = Commands();
        var sent = times.Select((t, i) => (Command: Sent(commands, i, 0), At: TimeSpan.FromMilliseconds(t))).ToList();
        sent.ForEach(s => commands.Take(Reply(s.Command, ApiReason.Invalid), s.At));
        var again = commands.TakeDue(Seconds(2)).Again.Select(i => times[i]).ToList();
        Assert.Equal(times.Order(), again);
    });

    private static readonly DeleteObject Command = new(ConfigMapDefinition.Instance.Key("default", "m"), "me");

    private static OpenCommands<int> Commands() => new(0, Bound, Policy);

    private static ObjectCommand Sent(OpenCommands<int> commands, int about, double at) => commands.Add(about, Command, Seconds(at));

    // Sends a command that is refused, and lets the time of the next try come. Returns the delay in seconds.
    private static double Fail(OpenCommands<int> commands, double at)
    {
        var delay = commands.Take(Reply(Sent(commands, 1, at), ApiReason.ServiceUnavailable), Seconds(at))!.Value.AgainIn!.Value;
        commands.TakeDue(Seconds(at) + delay);
        return delay.TotalSeconds;
    }

    private static CommandReply Reply(ObjectCommand command, ApiReason? error) => Reply(command.CorrelationId, error);

    private static CommandReply Reply(long id, ApiReason? error) => new(null, error is { } reason ? new ApiError(reason, "not now") : null) { CorrelationId = id };

    private static TimeSpan Seconds(double n) => TimeSpan.FromSeconds(n);

    private enum Step
    {
        Send,
        Accept,
        Refuse,
        Gone,
        TakeDue,
    }
}
