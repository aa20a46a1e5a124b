using Akka.Actor;

namespace Orchestrator.Actors.CustomMetrics;

/// <summary>Receives the values that clients push to any control host. It runs on every control host, so that each can answer alone.</summary>
public sealed class PushedMetricsActor : ReceiveActor, IWithTimers
{
    /// <summary>Its name on every control host.</summary>
    public const string Name = "pushed-metrics";

    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(30);

    /// <summary>Use <see cref="Props"/>.</summary>
    public PushedMetricsActor(PushedMetricStore store, TimeProvider time)
    {
        Receive<PushedMetrics>(push => store.Take(push, time.GetUtcNow()));
        Receive<Expire>(_ => store.ForgetBefore(time.GetUtcNow() - PushedMetricStore.Lifetime));
        Timers.StartPeriodicTimer(Expire.Instance, Expire.Instance, Sweep);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Creates the actor's props.</summary>
    /// <param name="store">What it writes to.</param>
    /// <param name="time">The clock.</param>
    public static Props Props(PushedMetricStore store, TimeProvider time) => Akka.Actor.Props.Create(() => new PushedMetricsActor(store, time));

    private sealed record Expire { public static readonly Expire Instance = new(); }
}
