using Akka.Actor;

namespace Orchestrator.Actors.ResourceMetrics;

/// <summary>Receives the reports of all agents. It runs on every control host, so that each can answer alone.</summary>
public sealed class ResourceMetricsActor : ReceiveActor, IWithTimers
{
    /// <summary>Its name on every control host.</summary>
    public const string Name = "resource-metrics";

    // An agent that is silent for as many intervals counts as lost; metrics that are older would mislead whoever scales by them.
    private const int MaxMissedReports = 4;
    private static readonly TimeSpan MinAge = TimeSpan.FromMinutes(1);

    /// <summary>Use <see cref="Props"/>.</summary>
    public ResourceMetricsActor(ResourceMetricsStore store, TimeSpan resolution, TimeProvider time)
    {
        Receive<NodeUsage>(report => store.Take(report, time.GetUtcNow()));
        var maxAge = resolution * MaxMissedReports > MinAge ? resolution * MaxMissedReports : MinAge;
        Receive<Expire>(_ => store.ForgetBefore(time.GetUtcNow() - maxAge));
        Timers.StartPeriodicTimer(Expire.Instance, Expire.Instance, resolution);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Creates the actor's props.</summary>
    /// <param name="store">What it writes to.</param>
    /// <param name="resolution">Time between two reports of an agent.</param>
    /// <param name="time">The clock.</param>
    public static Props Props(ResourceMetricsStore store, TimeSpan resolution, TimeProvider time) => Akka.Actor.Props.Create(() => new ResourceMetricsActor(store, resolution, time));

    private sealed record Expire { public static readonly Expire Instance = new(); }
}
