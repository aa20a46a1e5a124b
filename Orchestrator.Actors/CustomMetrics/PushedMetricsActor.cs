using Akka.Actor;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.CustomMetrics;

/// <summary>Receives the values that clients push to any control host, and those that agents read from their pods. It runs on every control host, so that each can answer alone.</summary>
public sealed class PushedMetricsActor : ReceiveActor, IWithTimers
{
    /// <summary>Its name on every control host.</summary>
    public const string Name = "pushed-metrics";

    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(30);

    /// <summary>Use <see cref="Props"/>.</summary>
    public PushedMetricsActor(PushedMetricStore store, Func<string, KubeObject?> podByUid, TimeProvider time)
    {
        Receive<PushedMetrics>(push => store.Take(push, time.GetUtcNow()));
        Receive<ScrapedMetrics>(scraped => store.Take(scraped.Of(podByUid(scraped.PodUid), time.GetUtcNow()), time.GetUtcNow(), isScraped: true));
        Receive<Expire>(_ => store.ForgetBefore(time.GetUtcNow() - PushedMetricStore.Lifetime));
        Timers.StartPeriodicTimer(Expire.Instance, Expire.Instance, Sweep);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Creates the actor's props.</summary>
    /// <param name="store">What it writes to.</param>
    /// <param name="podByUid">Finds a pod.</param>
    /// <param name="time">The clock.</param>
    public static Props Props(PushedMetricStore store, Func<string, KubeObject?> podByUid, TimeProvider time) => Akka.Actor.Props.Create(() => new PushedMetricsActor(store, podByUid, time));

    private sealed record Expire { public static readonly Expire Instance = new(); }
}
