using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Logs;

namespace Orchestrator.Node.Agent.StaticPods;

/// <summary>Keeps the pods that files of the node ask for. A child of the agent, which it asks for the pods; each is an object like any other, so everybody sees it, and
/// whoever deletes it gets a new one.</summary>
internal sealed class StaticPodsActor : ReceiveActor, IWithTimers
{
    // Events of the folder come at once; a folder of another host has none.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly AgentServices _services;
    private readonly string _folder;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private FileSystemWatcher? _watcher;
    private ImmutableArray<string> _told = [];
    private bool _isBusy;

    public StaticPodsActor(AgentServices services, string folder)
    {
        (_services, _folder) = (services, folder);
        Receive<Look>(_ => Context.Parent.Tell(UsageReporterActor.GetPods.Instance), _ => !_isBusy);
        Receive<Look>(_ => { });
        Receive<UsageReporterActor.Pods>(pods => Compare(pods.Objects), _ => !_isBusy);
        Receive<UsageReporterActor.Pods>(_ => { });
        Receive<FolderChanged>(_ => Timers.StartSingleTimer(FolderChanged.Instance, Look.Instance, Pause));
        Receive<Done>(done =>
        {
            _isBusy = false;
            Tell(done.Wrong);
        });
        Timers.StartPeriodicTimer(Look.Instance, Look.Instance, TimeSpan.Zero, Interval);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(AgentServices services, string folder) => Akka.Actor.Props.Create(() => new StaticPodsActor(services, folder));

    /// <inheritdoc/>
    protected override void PreStart() => Watch();

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _stopping.Cancel();
        _watcher?.Dispose();
    }

    private void Watch()
    {
        if (_watcher is not null || !Directory.Exists(_folder))
        {
            return;
        }

        var self = Self;
        var watcher = new FileSystemWatcher(_folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite };
        FileSystemEventHandler changed = (_, _) => self.Tell(FolderChanged.Instance);
        watcher.Changed += changed;
        watcher.Created += changed;
        watcher.Deleted += changed;
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

    private void Compare(IReadOnlyCollection<KubeObject> pods)
    {
        Watch();
        var (wanted, wrong) = StaticPodFiles.Read(_folder, _services.Node);
        var commands = StaticPodPlanner.Plan(wanted, pods, $"system:node:{_services.Node}");
        if (commands.Count == 0)
        {
            Tell([.. wrong]);
            return;
        }

        _isBusy = true;
        SendAsync(commands, wrong).PipeTo(Self, failure: e => new Done([.. wrong, e.Message]));
    }

    // Answers are bounded by the store.
    private async Task<Done> SendAsync(IReadOnlyList<ObjectCommand> commands, IReadOnlyList<string> wrong)
    {
        var all = wrong.ToList();
        foreach (var command in commands)
        {
            var reply = await _services.Store.SendAsync(command, _stopping.Token).ConfigureAwait(false);
            if (command is CreateObject && reply.Error is { Reason: not ApiReason.AlreadyExists } error)
            {
                all.Add($"{command.Key.Namespace}/{command.Key.Name}: {error.Message}");
            }
        }

        return new Done([.. all]);
    }

    // Each once, for as long as it is so.
    private void Tell(ImmutableArray<string> wrong)
    {
        var added = wrong.Except(_told).ToList();
        _told = wrong;
        foreach (var what in added)
        {
            _log.Warn("A static pod cannot be run", ("object", _services.Key), ("error", what));
        }

        if (added.Count > 0)
        {
            _services.Record(added.Select(w => new RecordedEvent("Warning", "InvalidStaticPod", $"A static pod cannot be run: {w}", "kubelet")));
        }
    }

    /// <summary>Compare again, because a pod is gone.</summary>
    internal sealed record Look { public static readonly Look Instance = new(); }

    private sealed record FolderChanged { public static readonly FolderChanged Instance = new(); }

    private sealed record Done(ImmutableArray<string> Wrong);
}
