using Akka.Actor;
using Akka.TestKit.Xunit2;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Node.Agent;

namespace Orchestrator.Tests.Agent;

/// <summary>An engine that answers late, or not; time moves by hand.</summary>
public sealed class RuntimeWatchSpec : TestKit
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task An_engine_that_answers_late_is_slow_until_it_answers_in_time()
    {
        var runtime = new FakeRuntime(_time);
        var watch = new RuntimeWatch(new AgentServices("n1", "10.0.0.9", runtime, "fake", ActorRefs.Nobody, ActorRefs.Nobody, "/nowhere", _time, new SemaphoreSlim(1), new Dictionary<string, string>(),
            "here", new AgentReadiness([])), TestActor);
        watch.Restart();
        ExpectMsg<RuntimeWatch.Connected>(Bound);
        ExpectMsg<RuntimeWatch.Listed>(Bound);
        runtime.Hold("ping");
        await PingAsync(runtime, 1);
        _time.Advance(TimeSpan.FromSeconds(5));
        runtime.Release("ping");
        Assert.Equal(TimeSpan.FromSeconds(5), ExpectMsg<RuntimeWatch.Pace>(Bound).Slow);

        // It is said again when it changes.
        await PingAsync(runtime, 2);
        Assert.Null(ExpectMsg<RuntimeWatch.Pace>(Bound).Slow);
        await PingAsync(runtime, 3);
        runtime.Hold("ping");
        await PingAsync(runtime, 4);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("no answer in 10 s", ExpectMsg<RuntimeWatch.Unavailable>(Bound).Why);
        watch.Stop();
    }

    // The clock of the watch stands between two pings, so it is moved until the next one is made.
    private async Task PingAsync(FakeRuntime runtime, int number)
    {
        for (var i = 0; i < 1000 && runtime.Calls.Count(c => c == "ping") < number; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }

        Assert.Equal(number, runtime.Calls.Count(c => c == "ping"));
    }
}
