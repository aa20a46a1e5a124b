using System.Diagnostics;
using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Orchestrator.Tests.Kit;

/// <summary>Clock and timers of an actor system that move only when a spec says so.</summary>
internal sealed class ControlledTime
{
    /// <summary>The configuration that the test kit must start with.</summary>
    public const string Config = """akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    /// <summary>The clock.</summary>
    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    /// <summary>Lets time pass once the actor has done all that it was told.</summary>
    public async Task PassAsync(ActorSystem system, TimeSpan span, params IActorRef[] actors)
    {
        await IdleAsync(actors);
        Clock.Advance(span);
        ((TestScheduler)system.Scheduler).Advance(span);

        // Twice: what an actor tells itself while it handles a timer stands behind the first question.
        await IdleAsync(actors);
        await IdleAsync(actors);
    }

    /// <summary>Lets time pass, step by step, until a fact holds.</summary>
    public async Task UntilAsync(ActorSystem system, TimeSpan step, Func<bool> holds, params IActorRef[] actors)
    {
        for (var clock = Stopwatch.StartNew(); !holds();)
        {
            Assert.True(clock.Elapsed < Bound, "However much time passes, it does not become true.");
            await PassAsync(system, step, actors);
        }
    }

    // A mailbox is in order: who answers this has handled what came before.
    private static Task IdleAsync(IActorRef[] actors) => Task.WhenAll(actors.Select(a => a.Ask<ActorIdentity>(new Identify(null), Bound)));
}
