using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Docker.DotNet;
using Docker.DotNet.Models;
using Orchestrator.Node.Agent;
using ContainerState = Orchestrator.Node.Agent.ContainerState;
using Orchestrator.Node.Network;

namespace Orchestrator.Node.Docker;

/// <summary>Reads pods from the engine: one list call, and one inspect call after each start and exit, whose result is cached.</summary>
/// <param name="docker">The engine.</param>
/// <param name="owner">Whose containers are read.</param>
/// <param name="termination">Their termination messages.</param>
/// <param name="addressesOf">The addresses of a pod whose network is not the engine's; null if it has none.</param>
internal sealed class ContainerReader(DockerClient docker, ContainerOwner owner, TerminationFiles termination, Func<string, PodAddresses?> addressesOf)
{
    private const string InSandbox = "container:";
    private readonly ConcurrentDictionary<string, RuntimeContainerStatus> _known = new();
    private readonly ConcurrentDictionary<string, bool> _ended = new();
    private readonly ConcurrentDictionary<string, bool> _followed = new();
    private readonly ConcurrentDictionary<string, bool> _pods = new();
    private volatile bool _hasListed;

    public async Task<IReadOnlyList<RuntimePodStatus>> ReadAsync(string? podUid, CancellationToken cancellation)
    {
        var all = await PresentAsync(podUid, cancellation).ConfigureAwait(false);
        var pods = new List<RuntimePodStatus>();
        foreach (var pod in all.GroupBy(c => c.Labels[DockerLabels.PodUid]))
        {
            var sandbox = pod.FirstOrDefault(IsSandbox);
            var containers = (await Task.WhenAll(pod.Where(c => !IsSandbox(c) && c.State != "removing").Select(c => SeenAsync(c, podUid is null, cancellation))).ConfigureAwait(false))
                .OfType<RuntimeContainerStatus>().ToImmutableArray();
            var isSandboxRunning = sandbox is not null && State(sandbox.State) == ContainerState.Running && await IsFirstRunAsync(sandbox.ID, containers, cancellation).ConfigureAwait(false);
            var any = pod.First().Labels;
            var addresses = isSandboxRunning ? addressesOf(pod.Key) : null;
            pods.Add(new RuntimePodStatus(pod.Key, any[DockerLabels.PodNamespace], any[DockerLabels.PodName],
                isSandboxRunning ? addresses?.First.ToString() ?? sandbox!.NetworkSettings?.Networks?.Values.Select(n => n.IPAddress).FirstOrDefault(ip => ip is { Length: > 0 }) : null,
                isSandboxRunning, containers, sandbox?.ID)
            { SecondIp = addresses?.Second?.ToString() });
        }

        if (podUid is null)
        {
            foreach (var pod in pods)
            {
                Expect(pod.Uid);
            }

            _hasListed = true;
            var present = all.Select(c => c.ID).ToHashSet();
            foreach (var gone in _known.Keys.Concat(_ended.Keys).Concat(_followed.Keys).Where(id => !present.Contains(id)))
            {
                Forget(gone);
            }
        }

        return pods;
    }

    /// <summary>Whether the engine certainly has nothing of a pod: all its containers have been listed since this process began, which alone makes containers of this node, and it has made none.</summary>
    public bool HasNothingOf(string podUid) => _hasListed && !_pods.ContainsKey(podUid);

    /// <summary>From now on there may be containers of a pod.</summary>
    public void Expect(string podUid) => _pods[podUid] = true;

    /// <summary>All containers of a pod are removed.</summary>
    public void Removed(string podUid) => _pods.TryRemove(podUid, out _);

    /// <summary>Lists the containers of one pod, or of all pods of the node.</summary>
    public async Task<IList<ContainerListResponse>> PresentAsync(string? podUid, CancellationToken cancellation)
    {
        var labels = owner.Filters.ToDictionary(f => f, _ => true);
        if (podUid is not null)
        {
            labels[$"{DockerLabels.PodUid}={podUid}"] = true;
        }

        return await EngineCalls.QueryAsync(token => docker.Containers.ListContainersAsync(
            new ContainersListParameters { All = true, Filters = new Dictionary<string, IDictionary<string, bool>> { ["label"] = labels } }, token), cancellation)
            .ConfigureAwait(false);
    }

    /// <summary>A sandbox was created by this process, so its first run is followed from its start.</summary>
    public void Follow(string sandbox) => _followed[sandbox] = true;

    // A sandbox that was found is inspected once: it may have ended and been started again by somebody before, and its containers ran on.
    private async Task<bool> IsFirstRunAsync(string sandbox, ImmutableArray<RuntimeContainerStatus> containers, CancellationToken cancellation)
    {
        if (!HasEnded(sandbox) && !_followed.ContainsKey(sandbox))
        {
            try
            {
                var facts = await EngineCalls.QueryAsync(token => docker.Containers.InspectContainerAsync(sandbox, token), cancellation).ConfigureAwait(false);
                if (containers.Any(c => c.State == ContainerState.Running && c.SandboxId == sandbox && c.StartedAt < Time(facts.State.StartedAt)))
                {
                    Ended(sandbox);
                }

                Follow(sandbox);
            }
            catch (DockerContainerNotFoundException)
            {
                return false;
            }
        }

        return !HasEnded(sandbox);
    }

    /// <summary>A container that runs has changed.</summary>
    public void Reread(string id) => _known.TryRemove(id, out _);

    /// <summary>Removes a container from the cache.</summary>
    public void Forget(string id)
    {
        _followed.TryRemove(id, out _);
        _known.TryRemove(id, out _);
        _ended.TryRemove(id, out _);
    }

    /// <summary>Learns from an event. The engine tells an exit before its list shows it, and sandboxes are not inspected.</summary>
    public void Take(EngineEvent told)
    {
        switch (told.Action)
        {
            case "die":
                Ended(told.Id);
                break;
            case "destroy":
                Forget(told.Id);
                break;
        }
    }

    /// <summary>A container has exited, whatever the list of the engine shows.</summary>
    public void Ended(string id) => _ended[id] = true;

    /// <summary>Whether a container has exited, even if somebody started it again: a sandbox has another network then, which its containers are not in.</summary>
    public bool HasEnded(string id) => _ended.ContainsKey(id);

    public static bool IsSandbox(ContainerListResponse c) => c.Labels.TryGetValue(DockerLabels.Kind, out var kind) && kind == DockerLabels.Sandbox;

    /// <summary>A time of the engine; null if there is none.</summary>
    public static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time.Year > 1 ? time : null;

    /// <summary>Whether a container was created and could not be started: the engine keeps an exit code and an error then.</summary>
    public static bool CouldNotStart(global::Docker.DotNet.Models.ContainerState state) => state is { Status: "created", ExitCode: not 0 };

    /// <summary>State of a container by the engine's word for it.</summary>
    public static ContainerState State(string state) => state switch
    {
        "created" => ContainerState.Created,
        "running" or "paused" or "restarting" => ContainerState.Running,
        _ => ContainerState.Exited,
    };

    private async Task<RuntimeContainerStatus?> SeenAsync(ContainerListResponse listed, bool isBulk, CancellationToken cancellation)
    {
        var state = State(listed.State);
        // The engine sends exit events before its list shows the exit, so for a single pod only exited containers are read from the cache.
        return _known.TryGetValue(listed.ID, out var known) && (known.State == ContainerState.Exited ? state != ContainerState.Running : known.State == state && isBulk) ? known
            : await ReadOneAsync(listed.ID, cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads one container; null if it is gone.</summary>
    /// <param name="id">Its id or name.</param>
    /// <param name="cancellation">Cancels the call.</param>
    public async Task<RuntimeContainerStatus?> ReadOneAsync(string id, CancellationToken cancellation)
    {
        ContainerInspectResponse facts;
        try
        {
            facts = await EngineCalls.QueryAsync(token => docker.Containers.InspectContainerAsync(id, token), cancellation).ConfigureAwait(false);
        }
        catch (DockerContainerNotFoundException)
        {
            return null;
        }

        var couldNotStart = CouldNotStart(facts.State);
        var state = couldNotStart ? ContainerState.Exited : State(facts.State.Status);
        var labels = facts.Config.Labels;
        var (uid, name) = (labels[DockerLabels.PodUid], labels[DockerLabels.Container]);
        var attempt = int.Parse(labels[DockerLabels.Attempt], CultureInfo.InvariantCulture);
        var message = state != ContainerState.Exited ? null : termination.Read(uid, name, attempt);
        if (message is null && state == ContainerState.Exited && facts.State.ExitCode != 0 && labels.ContainsKey(DockerLabels.MessageFromLog))
        {
            message = await LogEndAsync(facts.ID, facts.Config.Tty, cancellation).ConfigureAwait(false);
        }

        if (state == ContainerState.Exited && facts.State.Error is { Length: > 0 } error)
        {
            message ??= error;
        }

        var status = new RuntimeContainerStatus(name, facts.ID, attempt, state, facts.Config.Image, facts.Image, Time(facts.State.StartedAt),
            couldNotStart ? (DateTimeOffset?)facts.Created : state == ContainerState.Exited ? Time(facts.State.FinishedAt) : null, (int)facts.State.ExitCode, facts.State.OOMKilled, message,
            SandboxOf(facts), couldNotStart ? RuntimeContainerStatus.CannotRun : null, facts.HostConfig is { } config ? ContainerParameters.ResourcesOf(config) : null, ContainerParameters.CreatedWith(labels));
        return _known[facts.ID] = status;
    }

    // The engine keeps the id of the sandbox, also if it was asked by name.
    private static string? SandboxOf(ContainerInspectResponse facts) =>
        facts.HostConfig?.NetworkMode is { } mode && mode.StartsWith(InSandbox, StringComparison.Ordinal) ? mode[InSandbox.Length..] : null;

    private async Task<string?> LogEndAsync(string id, bool isTty, CancellationToken cancellation)
    {
        const int bytes = 2048;
        string stdout, stderr;
        try
        {
            using var log = await EngineCalls.QueryAsync(token => docker.Containers.GetContainerLogsAsync(id, isTty,
                new ContainerLogsParameters { ShowStdout = true, ShowStderr = true, Tail = "80" }, token), cancellation).ConfigureAwait(false);
            (stdout, stderr) = await EngineCalls.BoundAsync(log.ReadOutputToEndAsync, cancellation).ConfigureAwait(false);
        }
        catch (DockerContainerNotFoundException)
        {
            return null;
        }

        var text = stdout + stderr;
        var end = Encoding.UTF8.GetBytes(text);
        return text.Length == 0 ? null : Encoding.UTF8.GetString(end.AsSpan(Math.Max(0, end.Length - bytes)));
    }
}
