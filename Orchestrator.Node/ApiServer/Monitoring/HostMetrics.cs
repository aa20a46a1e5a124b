using System.Data.Common;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Prometheus;

namespace Orchestrator.Node.ApiServer.Monitoring;

/// <summary>Metrics about the state of this host: its health checks, the journal as it sees it, its cache and its certificates.</summary>
internal sealed class HostMetrics
{
    private static readonly TimeSpan JournalBound = TimeSpan.FromSeconds(2);
    private readonly Gauge _checks;
    private readonly Gauge _isJournalUp;
    private readonly Gauge _journalBytes;
    private readonly Gauge _oldestEvent;
    private readonly Gauge _revision;
    private readonly Gauge _lag;
    private readonly Gauge _ring;
    private readonly Gauge _watches;
    private readonly Gauge _laggingWatches;
    private readonly Gauge _unreadable;
    private readonly Gauge _certificates;
    private Task<JournalFigures>? _reading;

    public HostMetrics(IMetricFactory metrics)
    {
        metrics.CreateGauge("kubernetes_build_info", "The version of this host; always 1.", ["git_version"]).WithLabels(Release.Full).Set(1);
        _checks = metrics.CreateGauge("kubernetes_healthcheck", "Whether a check of /readyz passes.", ["name", "type"]);
        _isJournalUp = metrics.CreateGauge("orchestrator_journal_up", "Whether the journal could be read for these metrics.");
        _journalBytes = metrics.CreateGauge("orchestrator_journal_size_bytes", "Size of the journal's database.");
        _oldestEvent = metrics.CreateGauge("orchestrator_journal_oldest_event_timestamp_seconds", "When the oldest event of the journal was stored.");
        _revision = metrics.CreateGauge("orchestrator_cache_revision", "Highest revision of the journal that the cache has folded in.");
        _lag = metrics.CreateGauge("orchestrator_cache_lag_revisions", "Revisions that were committed and that the cache has not folded in yet.");
        _ring = metrics.CreateGauge("orchestrator_cache_ring_changes", "Changes from which watches can resume: of objects, or of Kubernetes Events.", ["ring"]);
        _watches = metrics.CreateGauge("orchestrator_watches", "Open watches.");
        _laggingWatches = metrics.CreateGauge("orchestrator_watches_lagging", "Open watches whose client has not taken more than 500 batches of changes. At 4096 they end.");
        _unreadable = metrics.CreateGauge("orchestrator_cache_unreadable_objects", "Objects that are shown as they were before an event that cannot be applied.");
        _certificates = metrics.CreateGauge("orchestrator_certificate_ttl_seconds", "Time until a certificate of this host ends.", ["certificate"]);
    }

    /// <summary>Reads them.</summary>
    public async Task UpdateAsync(ApiServices services)
    {
        foreach (var (name, failure) in Health.Ready(services))
        {
            _checks.WithLabels(name, "readyz").Set(failure is null ? 1 : 0);
        }

        var now = services.Time.GetUtcNow();
        foreach (var (name, end) in services.Certificates())
        {
            _certificates.WithLabels(name).Set((end - now).TotalSeconds);
        }

        Show(services.Cache.Figures());
        await ReadJournalAsync(services.Journal, services.Time).ConfigureAwait(false);
    }

    private void Show(CacheFigures cache)
    {
        _revision.Set(cache.Revision);
        _lag.Set(cache.Lag);
        _ring.WithLabels("objects").Set(cache.Changes);
        _ring.WithLabels("events").Set(cache.EventChanges);
        _watches.Set(cache.Watches);
        _laggingWatches.Set(cache.LaggingWatches);
        _unreadable.Set(cache.Unreadable);
    }

    // A database that hangs holds one thread, however often metrics are read.
    private async Task ReadJournalAsync(JournalTable journal, TimeProvider time)
    {
        try
        {
            if (_reading is not { IsCompleted: false })
            {
                _reading = Task.Run(journal.Figures);
            }

            var figures = await _reading.WaitAsync(JournalBound, time).ConfigureAwait(false);
            _isJournalUp.Set(1);
            _journalBytes.Set(figures.Bytes);
            _oldestEvent.Set(figures.Oldest?.ToUnixTimeSeconds() ?? 0);
        }
        catch (Exception e) when (e is DbException or TimeoutException or InvalidOperationException)
        {
            _isJournalUp.Set(0);
        }
    }
}
