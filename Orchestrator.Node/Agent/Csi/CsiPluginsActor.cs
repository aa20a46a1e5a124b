using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Logs;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Node.Agent.Csi;

/// <summary>Finds the drivers of a node by their sockets in the folder of registrations, registers them and lets them go with their sockets (Kubernetes, kubelet's plugin registration). A child of
/// the agent, which it tells what it found.</summary>
internal sealed class CsiPluginsActor : ReceiveActor, IWithTimers
{
    // Events of the folder come at once; this is for what they missed, and for drivers that did not answer.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    // Somebody may have changed what the cluster was told, or the node is another object.
    private static readonly TimeSpan RetellEvery = TimeSpan.FromMinutes(1);
    private const int MaxDepth = 3;
    private readonly AgentServices _services;
    private readonly CsiNode _csi;
    private readonly CsiRegistration _registration;
    private readonly CsiNodeReport _report;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();

    // By path. A driver that has been restarted has made its socket anew.
    private readonly Dictionary<string, Plugin> _plugins = [];
    private FileSystemWatcher? _watcher;
    private bool _isBusy;
    private bool _isStale = true;
    private bool _hasSwept;

    public CsiPluginsActor(AgentServices services, CsiNode csi)
    {
        (_services, _csi) = (services, csi);
        _registration = new CsiRegistration(csi.Paths, services.Time);
        _report = new CsiNodeReport(services);
        Receive<Look>(_ =>
        {
            _isStale = true;
            Next();
        });
        Receive<FolderChanged>(_ => Timers.StartSingleTimer(FolderChanged.Instance, Look.Instance, Pause));
        Receive<Registered>(OnRegistered);
        Receive<Swept>(swept =>
        {
            _isBusy = false;

            // If the cluster does not take it, the next look tries again.
            _hasSwept = swept.Error is null;
            _isStale &= _hasSwept;

            Next();
        });
        Receive<Retell>(_ =>
        {
            if (_csi.Drivers.All.Count > 0)
            {
                (_hasSwept, _isStale) = (false, true);
                Next();
            }
        });
        Timers.StartPeriodicTimer(Look.Instance, Look.Instance, TimeSpan.Zero, Interval);
        Timers.StartPeriodicTimer(Retell.Instance, Retell.Instance, RetellEvery);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(AgentServices services, CsiNode csi) => Akka.Actor.Props.Create(() => new CsiPluginsActor(services, csi));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        try
        {
            _csi.Paths.Create();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.Warn(e, "The folders of CSI drivers cannot be made: this node has no CSI", ("object", _services.Key), ("folder", _csi.Paths.Root));
        }
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _stopping.Cancel();
        _watcher?.Dispose();
    }

    private void Watch()
    {
        if (_watcher is not null || !Directory.Exists(_csi.Paths.Registrations))
        {
            return;
        }

        var self = Self;
        var watcher = new FileSystemWatcher(_csi.Paths.Registrations) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName, IncludeSubdirectories = true };
        watcher.Created += (_, _) => self.Tell(FolderChanged.Instance);
        watcher.Deleted += (_, _) => self.Tell(FolderChanged.Instance);
        watcher.Renamed += (_, _) => self.Tell(FolderChanged.Instance);
        try
        {
            watcher.EnableRaisingEvents = true;
            _watcher = watcher;
        }
        catch (IOException)
        {
            // The host has no watches left: the folder is looked at every so often.
            watcher.Dispose();
        }
    }

    // One at a time: they write the same object. Each is bounded.
    private void Next()
    {
        if (_isBusy || !_isStale)
        {
            return;
        }

        Watch();
        var sockets = Sockets();
        foreach (var gone in _plugins.Keys.Where(p => !sockets.ContainsKey(p)).ToList())
        {
            _plugins.Remove(gone);
            if (_csi.Drivers.Remove(gone) is { } driver)
            {
                _log.Inform("A CSI driver is gone", ("object", _services.Key), ("driver", driver.Name));
                _hasSwept = false;
            }
        }

        var now = _services.Time.GetUtcNow();
        foreach (var (path, stamp) in sockets.OrderBy(s => s.Value))
        {
            if (!_plugins.TryGetValue(path, out var known) || known.Stamp != stamp)
            {
                known = new Plugin(stamp, now, FirstRetry, null, IsSettled: false);
                _plugins[path] = known;
            }

            if (!known.IsSettled && known.NotBefore <= now)
            {
                _isBusy = true;
                RegisterAsync(path, stamp).PipeTo(Self, failure: e => new Registered(path, stamp, null, e.Message));
                return;
            }
        }

        // One that fails again and again, such as a socket that somebody has left, does not keep others registered that are gone.
        if (!_hasSwept && _plugins.Values.All(p => p.IsSettled || p.Said is not null))
        {
            _isBusy = true;
            SweepAsync().PipeTo(Self, failure: e => new Swept(e.Message));
            return;
        }

        _isStale = false;
    }

    private async Task<Registered> RegisterAsync(string path, DateTime stamp)
    {
        string? error = null;
        CsiDriver? driver = null;
        try
        {
            driver = await _registration.ReadAsync(path, _stopping.Token).ConfigureAwait(false);
            if (driver is null)
            {
                await _registration.NotifyAsync(path, "this node has nothing for plugins of this type", _stopping.Token).ConfigureAwait(false);
                return new Registered(path, stamp, null, null);
            }

            await _report.AddAsync(driver, _csi.Drivers.All, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RegistrationException or CsiException)
        {
            error = e.Message;
        }

        await _registration.NotifyAsync(path, error, _stopping.Token).ConfigureAwait(false);
        return new Registered(path, stamp, error is null ? driver : null, error);
    }

    private async Task<Swept> SweepAsync()
    {
        try
        {
            var drivers = _csi.Drivers.All;
            await _report.KeepAsync(drivers, _stopping.Token).ConfigureAwait(false);
            foreach (var driver in drivers)
            {
                await _report.AddAsync(driver, drivers, _stopping.Token).ConfigureAwait(false);
            }

            return new Swept(null);
        }
        catch (RegistrationException e)
        {
            return new Swept(e.Message);
        }
    }

    private void OnRegistered(Registered registered)
    {
        _isBusy = false;
        if (_plugins.TryGetValue(registered.Path, out var known) && known.Stamp == registered.Stamp)
        {
            if (registered.Error is null)
            {
                _plugins[registered.Path] = known with { IsSettled = true, Said = null };
            }
            else
            {
                _plugins[registered.Path] = known with { NotBefore = _services.Time.GetUtcNow() + known.Pause, Pause = known.Pause * 2 < Interval ? known.Pause * 2 : Interval, Said = registered.Error };
                Timers.StartSingleTimer(registered.Path, Look.Instance, known.Pause);
                if (known.Said != registered.Error)
                {
                    _log.Warn("A CSI driver could not be registered; it is tried again", ("object", _services.Key), ("socket", registered.Path), ("error", registered.Error));
                    _services.Record(new RecordedEvent("Warning", "CSIRegistrationFailed", $"{Path.GetFileName(registered.Path)}: {registered.Error}", "kubelet"));
                }
            }
        }

        if (registered.Driver is { } driver)
        {
            _csi.Drivers.Add(driver);
            _log.Inform("A CSI driver has registered", ("object", _services.Key), ("driver", driver.Name), ("nodeId", driver.NodeId));
            Context.Parent.Tell(DriversChanged.Instance);
        }

        Next();
    }

    private Dictionary<string, DateTime> Sockets()
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(_csi.Paths.Registrations, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = MaxDepth, AttributesToSkip = FileAttributes.ReparsePoint })
                .Where(p => !Path.GetFileName(p).StartsWith('.') && Linux.KindOf(p) == Linux.FileKind.Socket).ToDictionary(p => p, File.GetLastWriteTimeUtc);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Drivers have come or gone.</summary>
    internal sealed record DriversChanged { public static readonly DriversChanged Instance = new(); }

    /// <summary>A socket and what is known of who is behind it.</summary>
    /// <param name="Stamp">When it was made.</param>
    /// <param name="NotBefore">When it is asked next.</param>
    /// <param name="Pause">Time after the next failure.</param>
    /// <param name="Said">The last error.</param>
    /// <param name="IsSettled">Whether it is registered, or is no driver.</param>
    private sealed record Plugin(DateTime Stamp, DateTimeOffset NotBefore, TimeSpan Pause, string? Said, bool IsSettled);

    private sealed record Registered(string Path, DateTime Stamp, CsiDriver? Driver, string? Error);

    private sealed record Swept(string? Error);

    private sealed record Look { public static readonly Look Instance = new(); }

    private sealed record Retell { public static readonly Retell Instance = new(); }

    private sealed record FolderChanged { public static readonly FolderChanged Instance = new(); }
}
