using System.Collections.Immutable;
using System.Text;
using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent.Streams;

namespace Orchestrator.Node.Agent.Scraping;

/// <summary>How an agent takes the metrics that its pods expose.</summary>
/// <param name="Streams">Connects to the pods.</param>
/// <param name="Receivers">Takes values to all control hosts.</param>
/// <param name="Interval">Time between two readings.</param>
internal sealed record PodScraping(IContainerStreams Streams, IActorRef Receivers, TimeSpan Interval);

/// <summary>Reads the metrics of the node's pods that expose some, a few pods at a time, and sends them to the control hosts. A child of the agent, which it asks for the pods.</summary>
internal sealed class ScraperActor : ReceiveActor, IWithTimers
{
    private const int Parallel = 8;

    // A pod that fails is read every 16th time at least.
    private const int MostSkipped = 4;

    // A page may have more than are taken: what is left out must be known to have been there.
    private const int MaxSamples = 10 * ScrapedRates.MaxValues;
    private static readonly byte[] Annotation = Encoding.UTF8.GetBytes(ScrapeTarget.Scrape);
    private readonly AgentServices _services;
    private readonly PodScraping _scraping;
    private readonly PodPages _pages;
    private readonly SemaphoreSlim _gate = new(Parallel);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, Scraped> _pods = [];

    public ScraperActor(AgentServices services, PodScraping scraping)
    {
        (_services, _scraping, _pages) = (services, scraping, new PodPages(scraping.Streams));
        Receive<Due>(_ => Context.Parent.Tell(UsageReporterActor.GetPods.Instance));
        Receive<UsageReporterActor.Pods>(pods => Begin(pods.Objects));
        Receive<Read>(Take);
        Timers.StartPeriodicTimer(Due.Instance, Due.Instance, TimeSpan.Zero, scraping.Interval);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(AgentServices services, PodScraping scraping) => Akka.Actor.Props.Create(() => new ScraperActor(services, scraping));

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _stopping.Cancel();
        _pages.Dispose();
    }

    private void Begin(IReadOnlyCollection<KubeObject> pods)
    {
        // Most pods expose nothing, and are not parsed to find that out.
        var running = pods.Where(p => p.Phase == "Running" && p.Json.Span.IndexOf(Annotation) >= 0).ToDictionary(p => p.Uid);
        foreach (var gone in _pods.Keys.Except(running.Keys).ToList())
        {
            _pods.Remove(gone);
        }

        foreach (var (uid, pod) in running)
        {
            if (!_pods.TryGetValue(uid, out var known))
            {
                _pods[uid] = known = new Scraped();
            }

            var (target, why) = ScrapeTarget.Of(PodManifest.Of(pod));
            if (why is not null)
            {
                Trouble(uid, known, why);
            }
            else if (target is not null && !known.IsReading && known.IsDue())
            {
                known.IsReading = true;
                ReadAsync(uid, target).PipeTo(Self);
            }
        }
    }

    private async Task<Read> ReadAsync(string uid, ScrapeTarget target)
    {
        try
        {
            await _gate.WaitAsync(_stopping.Token).ConfigureAwait(false);
            try
            {
                var page = await _pages.ReadAsync(uid, target, _stopping.Token).ConfigureAwait(false);
                return new Read(uid, [.. PrometheusText.Read(page).Where(s => target.Takes(s.Name)).Take(MaxSamples)], null);
            }
            finally
            {
                _gate.Release();
            }
        }
        catch (Exception e) when (e is ScrapeException or FormatException)
        {
            return new Read(uid, [], $"port {target.Port}, {target.Path}: {e.Message}");
        }
        catch (OperationCanceledException)
        {
            return new Read(uid, [], null);
        }
    }

    private void Take(Read read)
    {
        if (!_pods.TryGetValue(read.PodUid, out var pod))
        {
            return;
        }

        pod.IsReading = false;
        pod.Failures = read.Why is null ? 0 : pod.Failures + 1;
        if (read.Why is not null)
        {
            Trouble(read.PodUid, pod, read.Why);
            return;
        }

        var now = _services.Time.GetUtcNow();
        var (values, isCut) = pod.Rates.Take(read.Samples, now);
        if (values.Length > 0)
        {
            _scraping.Receivers.Tell(new ScrapedMetrics(_services.Node, read.PodUid, now, values));
        }

        if (isCut)
        {
            Trouble(read.PodUid, pod, $"only the first {ScrapedRates.MaxValues} values of the page are taken: name those that are needed in annotation {PodDefinition.ScrapeMetrics}");
        }
        else
        {
            pod.Why = null;
        }
    }

    // Told once, until it is over or something else is wrong.
    private void Trouble(string uid, Scraped pod, string why)
    {
        if (pod.Why != why)
        {
            pod.Why = why;
            Context.Parent.Tell(new PodNotice(uid, new RecordedEvent("Warning", "FailedScrape", $"The metrics of the pod cannot be taken: {why}", "kubelet")));
        }
    }

    private sealed class Scraped
    {
        public ScrapedRates Rates { get; } = new();

        public bool IsReading { get; set; }

        public int Failures { get; set; }

        private int Skipped { get; set; }

        // One that does not answer is asked ever less often, so that it does not keep the others waiting.
        public bool IsDue()
        {
            if (++Skipped < 1 << Math.Min(Failures, MostSkipped))
            {
                return false;
            }

            Skipped = 0;
            return true;
        }

        public string? Why { get; set; }
    }

    private sealed record Read(string PodUid, ImmutableArray<PrometheusSample> Samples, string? Why);

    private sealed record Due { public static readonly Due Instance = new(); }
}
