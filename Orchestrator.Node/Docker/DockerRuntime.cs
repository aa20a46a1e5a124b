using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Docker.DotNet;
using Docker.DotNet.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Node.Agent.Images;
using Orchestrator.Node.Agent.KeptLogs;
using Orchestrator.Node.Agent.Launch;
using Orchestrator.Node.Agent.Streams;
using Orchestrator.Node.Network;
using ContainerState = Orchestrator.Node.Agent.ContainerState;

namespace Orchestrator.Node.Docker;

/// <summary>Runs pods on a Docker engine: a sandbox container holds the network namespace, the others join it.</summary>
internal sealed class DockerRuntime : IContainerRuntime, IContainerStats
{
    private const string Created = "created";
    private const string Running = "running";
    private const string Exited = "exited";
    private const string Gone = "gone";
    private const int RemovalLooks = 20;
    private static readonly TimeSpan RemovalPause = TimeSpan.FromMilliseconds(100);
    private const string SandboxError = "CreatePodSandboxError";
    private const int EntryLooks = 2500;
    private static readonly TimeSpan EntryPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan PullBound = TimeSpan.FromMinutes(10);
    private readonly Uri _endpoint;
    private readonly DockerClient _docker;
    private readonly ContainerOwner _owner;
    private readonly string _dataDir;
    private readonly EngineStreams _streams;
    private readonly TerminationFiles _termination;
    private readonly ContainerReader _reader;
    private readonly IPodNetwork? _network;
    private readonly ConcurrentDictionary<string, bool> _started = new();
    private readonly ContainerStatsReader _stats;
    private readonly KeptLogStore? _kept;
    private readonly SemaphoreSlim _pauseGate = new(1);
    private volatile string? _pause;
    private readonly PreparedContainers _prepared = new();

    private DockerRuntime(Uri endpoint, string node, string dataDir, IPodNetwork? network, KeptLogStore? kept)
    {
        _kept = kept;
        // Each call has its own timeout; a client timeout would cut off followed logs and long stops.
        using var configuration = new DockerClientConfiguration(endpoint, defaultTimeout: Timeout.InfiniteTimeSpan);
        _docker = configuration.CreateClient();
        _endpoint = endpoint;
        _owner = ContainerOwner.Of(node, dataDir);
        _dataDir = dataDir;
        _streams = new EngineStreams(endpoint, _owner, TimeProvider.System);
        _termination = new TerminationFiles(dataDir);
        _network = network;
        _reader = new ContainerReader(_docker, _owner, _termination, uid => network?.Find(uid)?.Addresses);
        _stats = new ContainerStatsReader(_docker, _reader, TimeProvider.System, Cgroup.Of);
        Images = new DockerImages(_docker, endpoint);
        Disk = new DockerDisk(_docker, endpoint, _reader);
        Streams = new DockerStreams(_docker, endpoint, _reader);
    }

    public string Address => _endpoint.OriginalString;

    /// <summary>Its images.</summary>
    public IImageStore Images { get; }

    /// <summary>Its files.</summary>
    public IContainerDisk Disk { get; }

    /// <summary>Streams to its pods.</summary>
    public IContainerStreams Streams { get; }

    /// <summary>The engine at an endpoint.</summary>
    /// <param name="endpoint">Such as <c>unix:///var/run/docker.sock</c>.</param>
    /// <param name="node">Name of the node that owns the containers.</param>
    /// <param name="dataDir">Absolute path of the data directory.</param>
    /// <param name="network">The network of pods; null for the engine's own.</param>
    /// <param name="kept">Keeps the logs of pods that are removed; null if nothing does.</param>
    public static DockerRuntime At(Uri endpoint, string node, string dataDir, IPodNetwork? network = null, KeptLogStore? kept = null) => new(endpoint, node, dataDir, network, kept);

    public Task PingAsync(CancellationToken cancellation) => EngineCalls.QueryAsync(_docker.System.PingAsync, cancellation, engine: _endpoint);

    public async Task<RuntimeInfo> InfoAsync(CancellationToken cancellation)
    {
        var info = await EngineCalls.QueryAsync(_docker.System.GetSystemInfoAsync, cancellation, engine: _endpoint).ConfigureAwait(false);
        return new RuntimeInfo("docker", info.ServerVersion, info.KernelVersion, info.OperatingSystem, (int)info.NCPU, info.MemTotal, new DriveInfo(_dataDir).TotalSize);
    }

    public async Task<IReadOnlyList<RuntimeImage>> ImagesAsync(CancellationToken cancellation)
    {
        var images = await EngineCalls.QueryAsync(token => _docker.Images.ListImagesAsync(new ImagesListParameters(), token), cancellation, engine: _endpoint).ConfigureAwait(false);
        return [.. images.Where(i => i.RepoTags is { Count: > 0 }).Select(i => new RuntimeImage([.. i.RepoTags, .. i.RepoDigests ?? []], i.Size))];
    }

    public async Task<IReadOnlyList<RuntimePodStatus>> ListAsync(CancellationToken cancellation)
    {
        var pods = await _reader.ReadAsync(null, cancellation).ConfigureAwait(false);
        if (_network is not null)
        {
            try
            {
                await _network.KeepAsync(pods.Select(p => p.Uid).ToHashSet(), cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is NetworkException or IOException)
            {
                // What is left over harms nobody; the next list tries again.
            }
        }

        return pods;
    }

    public async Task<RuntimePodStatus?> FindAsync(string podUid, CancellationToken cancellation) =>
        _reader.HasNothingOf(podUid) ? null : (await _reader.ReadAsync(podUid, cancellation).ConfigureAwait(false)).SingleOrDefault();

    public Task<RuntimeStats> StatsAsync(IReadOnlyCollection<KubeObject> pods, CancellationToken cancellation) => _stats.ReadAsync(pods, cancellation);

    public Task<bool> EnsureImageAsync(string image, string policy, ImmutableArray<RegistryLogin> logins, CancellationToken cancellation) =>
        ImagePuller.EnsureAsync(_docker, image, policy, logins, PullBound, cancellation);

    public async Task<string> ImageUserAsync(string image, CancellationToken cancellation)
    {
        try
        {
            return (await EngineCalls.QueryAsync(token => _docker.Images.InspectImageAsync(image, token), cancellation).ConfigureAwait(false)).Config?.User ?? "";
        }
        catch (DockerApiException e)
        {
            throw new ContainerRefusedException("CreateContainerConfigError", EngineCalls.Message(e));
        }
    }

    public async Task<RuntimePodStatus> EnsureSandboxAsync(SandboxLaunch sandbox, CancellationToken cancellation)
    {
        _reader.Expect(sandbox.PodUid);
        var network = await NetworkAsync(sandbox, cancellation).ConfigureAwait(false);
        var (id, state, isNew) = await CreateSandboxAsync(sandbox, network, cancellation).ConfigureAwait(false);
        for (var tries = 0; ContainerReader.State(state) == ContainerState.Exited && tries < RemovalLooks; tries++)
        {
            // The network namespace of an exited sandbox cannot be joined any more. One that somebody removes keeps its name until it is gone.
            await RemoveAsync(id, cancellation).ConfigureAwait(false);
            if (tries > 0)
            {
                await Task.Delay(RemovalPause, cancellation).ConfigureAwait(false);
            }

            (id, state, isNew) = await CreateSandboxAsync(sandbox, network, cancellation).ConfigureAwait(false);
        }

        if (isNew)
        {
            // One that was made for a sandbox before cannot join another.
            await DiscardAsync(sandbox.PodUid, cancellation).ConfigureAwait(false);
        }

        var address = network?.Address.ToString();
        var first = isNew && (network is not null || sandbox.IsHostNetwork) ? FirstAsync(sandbox, id, address, cancellation) : Task.FromResult<RuntimeContainerStatus?>(null);
        try
        {
            await StartSandboxAsync(id, state, network, cancellation).ConfigureAwait(false);
        }
        catch
        {
            await first.ConfigureAwait(false);
            await DiscardAsync(sandbox.PodUid, cancellation).ConfigureAwait(false);
            throw;
        }

        // Nothing else of the pod is there, so there is nothing to look for.
        var made = await first.ConfigureAwait(false);
        return made is not null && !_reader.HasEnded(id) ? new RuntimePodStatus(sandbox.PodUid, sandbox.Namespace, sandbox.Name, address, true, [made], id) { SecondIp = network?.Addresses.Second?.ToString() }
            : await FindAsync(sandbox.PodUid, cancellation).ConfigureAwait(false)
            ?? throw new ContainerRefusedException(SandboxError, $"the sandbox of pod {sandbox.Name} was removed while it was being created");
    }

    private async Task DiscardAsync(string podUid, CancellationToken cancellation)
    {
        if (_prepared.Take(podUid, null) is { } orphan)
        {
            await RemoveAsync(orphan.Id, cancellation).ConfigureAwait(false);
        }
    }

    private async Task StartSandboxAsync(string id, string state, PodNetwork? network, CancellationToken cancellation)
    {
        if (ContainerReader.State(state) != ContainerState.Running)
        {
            _reader.Follow(id);
            try
            {
                await StartAsync(id, cancellation).ConfigureAwait(false);
            }
            catch (DockerApiException e)
            {
                await RemoveAsync(id, cancellation).ConfigureAwait(false);
                throw new ContainerRefusedException(SandboxError, $"failed to start the sandbox: {EngineCalls.Message(e)}");
            }
        }

        if (network is not null)
        {
            await EnteredAsync(id, network, cancellation).ConfigureAwait(false);
        }
    }

    // What goes wrong here is found again when the container is to start, and told then.
    private async Task<RuntimeContainerStatus?> FirstAsync(SandboxLaunch sandbox, string id, string? address, CancellationToken cancellation)
    {
        try
        {
            if (sandbox.First is null || await sandbox.First(address, cancellation).ConfigureAwait(false) is not { } launch)
            {
                return null;
            }

            var parameters = Parameters(launch);
            var made = await EngineCalls.BoundAsync(token => _docker.Containers.CreateContainerAsync(parameters, token), cancellation).ConfigureAwait(false);
            return _prepared.Hold(launch, parameters, made.ID, id);
        }
        catch (Exception e) when (e is DockerApiException or RuntimeUnavailableException or IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            return null;
        }
    }

    private CreateContainerParameters Parameters(ContainerLaunch launch) => PreparedContainers.Labelled(ContainerParameters.Container(
        launch, ContainerParameters.SandboxName(launch.PodName, launch.Namespace, launch.PodUid), _owner, _termination.Create(launch.PodUid, launch.Name, launch.Attempt)));

    // Another runtime than the engine's own may not know how to share a namespace of the host.
    private async Task<PodNetwork?> NetworkAsync(SandboxLaunch sandbox, CancellationToken cancellation)
    {
        if (_network is null || sandbox.IsHostNetwork || sandbox.Handler is not null)
        {
            return null;
        }

        try
        {
            return await _network.AddAsync(sandbox.PodUid, new PodNetworkWish(sandbox.Ports, [.. sandbox.Sysctls.Where(s => ContainerParameters.IsOfNetwork(s.Name))]) { Namespace = sandbox.Namespace, Name = sandbox.Name }, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NetworkException or IOException or UnauthorizedAccessException)
        {
            throw new ContainerRefusedException(SandboxError, $"failed to set up the network of the sandbox: {e.Message}");
        }
    }

    // Nothing may join a sandbox that is still in the network of the host.
    private async Task EnteredAsync(string id, PodNetwork network, CancellationToken cancellation)
    {
        for (var tries = 0; tries < EntryLooks; tries++)
        {
            var facts = await EngineCalls.QueryAsync(token => _docker.Containers.InspectContainerAsync(id, token), cancellation).ConfigureAwait(false);
            if (facts.State.Pid > 0 && Linux.IsSameFile(string.Create(CultureInfo.InvariantCulture, $"/proc/{facts.State.Pid}/ns/net"), network.Namespace))
            {
                return;
            }

            if (ContainerReader.State(facts.State.Status) == ContainerState.Exited)
            {
                break;
            }

            await Task.Delay(EntryPause, cancellation).ConfigureAwait(false);
        }

        await RemoveAsync(id, cancellation).ConfigureAwait(false);
        throw new ContainerRefusedException(SandboxError,
            "the sandbox could not enter its network: the engine runs elsewhere or with users of its own; set orchestrator.pod-network.mode to engine on this host");
    }

    private async Task<(string Id, string State, bool IsNew)> CreateSandboxAsync(SandboxLaunch sandbox, PodNetwork? network, CancellationToken cancellation)
    {
        try
        {
            var image = await EnsurePauseAsync(cancellation).ConfigureAwait(false);
            return await CreateAsync(ContainerParameters.Sandbox(sandbox, _owner, image, network?.Namespace), isSandbox: true, cancellation).ConfigureAwait(false);
        }
        catch (ContainerRefusedException)
        {
            // The image may have been pruned meanwhile; it is checked again at the next attempt.
            _pause = null;
            throw;
        }
    }

    public async Task<RuntimeContainerStatus?> StartContainerAsync(ContainerLaunch container, CancellationToken cancellation)
    {
        var (id, state, isNew) = await CreatedAsync(container, cancellation).ConfigureAwait(false);
        for (var isStarted = state is Running or Exited; !isStarted;)
        {
            isStarted = await TryStartAsync(id, container, isNew, cancellation).ConfigureAwait(false);
            if (!isStarted)
            {
                (id, state, isNew) = await CreatedAsync(container, cancellation).ConfigureAwait(false);
                isStarted = state is Running or Exited;
            }
        }

        if (container.Attempt < 2)
        {
            return await _reader.ReadOneAsync(id, cancellation).ConfigureAwait(false);
        }

        // Removes all that are too old, because a crash may have left some behind.
        var pod = await FindAsync(container.PodUid, cancellation).ConfigureAwait(false);
        foreach (var old in pod?.Containers.Where(c => c.Name == container.Name && c.Attempt < container.Attempt - 1 && c.State != ContainerState.Running) ?? [])
        {
            await RemoveAsync(old.Id, cancellation).ConfigureAwait(false);
        }

        return null;
    }

    private async Task<(string Id, string State, bool IsNew)> CreatedAsync(ContainerLaunch container, CancellationToken cancellation)
    {
        _reader.Expect(container.PodUid);
        var parameters = Parameters(container);
        if (_prepared.Take(container.PodUid, parameters) is { } held)
        {
            if (held.IsWanted)
            {
                return (held.Id, Created, false);
            }

            // What it is made of has changed since.
            await RemoveAsync(held.Id, cancellation).ConfigureAwait(false);
        }

        return await CreateAsync(parameters, isSandbox: false, cancellation).ConfigureAwait(false);
    }

    public async Task ResizeContainerAsync(string podUid, string container, ContainerResources resources, CancellationToken cancellation)
    {
        var pod = await FindAsync(podUid, cancellation).ConfigureAwait(false);
        foreach (var running in pod?.Containers.Where(c => c.Name == container && c.State == ContainerState.Running) ?? [])
        {
            try
            {
                await EngineCalls.BoundAsync(token => _docker.Containers.UpdateContainerAsync(running.Id, ContainerParameters.Resize(resources), token), cancellation).ConfigureAwait(false);
            }
            catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                // It was removed meanwhile.
            }
            catch (DockerApiException e)
            {
                throw new ContainerRefusedException("ResizeContainerError", $"container \"{container}\" cannot have other resources: {EngineCalls.Message(e)}");
            }

            _reader.Reread(running.Id);
        }
    }

    public async Task StopSandboxAsync(string podUid, CancellationToken cancellation)
    {
        foreach (var sandbox in (await _reader.PresentAsync(podUid, cancellation).ConfigureAwait(false)).Where(ContainerReader.IsSandbox))
        {
            await StopAsync(sandbox.ID, TimeSpan.Zero, cancellation).ConfigureAwait(false);
            _reader.Ended(sandbox.ID);
        }

        await DisconnectAsync(podUid, cancellation).ConfigureAwait(false);
    }

    public async Task StopContainerAsync(string podUid, string container, TimeSpan grace, CancellationToken cancellation)
    {
        var pod = await FindAsync(podUid, cancellation).ConfigureAwait(false);
        foreach (var running in pod?.Containers.Where(c => c.Name == container && c.State == ContainerState.Running) ?? [])
        {
            await StopAsync(running.Id, grace, cancellation).ConfigureAwait(false);
        }
    }

    public async Task RemovePodAsync(string podUid, TimeSpan grace, CancellationToken cancellation)
    {
        // A cancelled start may still be running in the engine, so check more than once.
        const int looks = 10;
        for (var look = 0; await _reader.PresentAsync(podUid, cancellation).ConfigureAwait(false) is { Count: > 0 } all; look++)
        {
            if (look >= looks)
            {
                throw new RuntimeUnavailableException($"Docker keeps {all.Count} containers of pod {podUid} that were removed: {string.Join(", ", all.Select(c => $"{c.Names.FirstOrDefault()} is {c.Status}"))}");
            }

            if (look > 0)
            {
                // One that somebody else removes takes its time.
                await Task.Delay(RemovalPause, cancellation).ConfigureAwait(false);
            }

            await Task.WhenAll(all.Where(c => !ContainerReader.IsSandbox(c)).Select(async c =>
            {
                if (c.State == "running")
                {
                    await StopAsync(c.ID, grace, cancellation).ConfigureAwait(false);
                }

                await KeepLogAsync(c, cancellation).ConfigureAwait(false);
                await RemoveAsync(c.ID, cancellation).ConfigureAwait(false);
            })).ConfigureAwait(false);
            await Task.WhenAll(all.Where(ContainerReader.IsSandbox).Select(c => RemoveAsync(c.ID, cancellation))).ConfigureAwait(false);
        }

        _prepared.Take(podUid, null);
        _reader.Removed(podUid);
        await DisconnectAsync(podUid, cancellation).ConfigureAwait(false);
        _termination.Remove(podUid);
    }

    private async Task DisconnectAsync(string podUid, CancellationToken cancellation)
    {
        try
        {
            await (_network?.RemoveAsync(podUid, cancellation) ?? Task.CompletedTask).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NetworkException or IOException)
        {
            throw new RuntimeUnavailableException($"the network of the pod could not be removed: {e.Message}", e);
        }
    }

    public async Task<(int? ExitCode, string Output)> ExecAsync(string podUid, string container, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellation)
    {
        const int maxOutput = 10 * 1024;
        var running = (await FindAsync(podUid, cancellation).ConfigureAwait(false))?.Containers.FirstOrDefault(c => c.Name == container && c.State == ContainerState.Running)
            ?? throw new ContainerRefusedException("ExecError", $"container {container} is not running");
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(timeout);
        using var output = new MemoryStream();
        ContainerExecCreateResponse? exec = null;
        try
        {
            exec = await EngineCalls.BoundAsync(token => _docker.Exec.ExecCreateContainerAsync(running.Id,
                new ContainerExecCreateParameters { Cmd = [.. command], AttachStdout = true, AttachStderr = true }, token), bound.Token).ConfigureAwait(false);
            using var stream = await EngineCalls.BoundAsync(token => _docker.Exec.StartAndAttachContainerExecAsync(exec.ID, false, token), bound.Token).ConfigureAwait(false);
            var buffer = new byte[4096];
            while (await stream.ReadOutputAsync(buffer, 0, buffer.Length, bound.Token).ConfigureAwait(false) is { EOF: false } read)
            {
                output.Write(buffer, 0, (int)Math.Min(read.Count, Math.Max(0, maxOutput - output.Length)));
            }

            return (await ExecProcess.ExitCodeAsync(_docker, exec.ID, bound.Token).ConfigureAwait(false), Encoding.UTF8.GetString(output.ToArray()));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            if (exec is not null)
            {
                await ExecProcess.EndAsync(_docker, exec.ID, running.Id, cancellation).ConfigureAwait(false);
            }

            return (null, Encoding.UTF8.GetString(output.ToArray()));
        }
        catch (Exception e) when (EngineCalls.IsGone(e))
        {
            throw new RuntimeUnavailableException($"Docker ended the command: {e.Message}", e);
        }
        catch (DockerApiException e)
        {
            throw new ContainerRefusedException("ExecError", EngineCalls.Message(e));
        }
    }

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> LogsAsync(string podUid, string container, LogOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var attempts = (await FindAsync(podUid, cancellation).ConfigureAwait(false))?.Containers.Where(c => c.Name == container).OrderByDescending(c => c.Attempt).ToList() ?? [];
        var chosen = options.ContainerId is { } id ? attempts.Find(c => c.Id == id) : attempts.ElementAtOrDefault(options.IsPrevious ? 1 : 0);
        if (chosen is null)
        {
            throw new KeyNotFoundException(options.IsPrevious ? $"previous terminated container \"{container}\" not found" : $"container \"{container}\" has not started, or the node has removed it: see orc logs --deleted");
        }

        await foreach (var piece in _streams.LogAsync(chosen.Id, await IsTtyAsync(chosen.Id, cancellation).ConfigureAwait(false), options, cancellation).ConfigureAwait(false))
        {
            yield return piece;
        }
    }

    public async IAsyncEnumerable<string> ChangesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var told in _streams.EventsAsync(cancellation).ConfigureAwait(false))
        {
            _reader.Take(told);
            if (told == EngineEvent.Open)
            {
                _started.Clear(); // What was told meanwhile will not be told again.
            }

            if (told.Action is not "start" || !_started.TryRemove(told.Id, out _))
            {
                yield return told.PodUid;
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _docker.Dispose();
        _streams.Dispose();
        return ValueTask.CompletedTask;
    }

    // Whoever starts a container looks at it afterwards, so the news of it would only make him look twice.
    private async Task StartAsync(string id, CancellationToken cancellation)
    {
        _started[id] = true;
        try
        {
            await EngineCalls.BoundAsync(token => _docker.Containers.StartContainerAsync(id, new ContainerStartParameters(), token), cancellation).ConfigureAwait(false);
        }
        catch
        {
            _started.TryRemove(id, out _);
            throw;
        }
    }

    // False if it was made earlier, for a sandbox that is gone, and is removed now.
    private async Task<bool> TryStartAsync(string id, ContainerLaunch container, bool isNew, CancellationToken cancellation)
    {
        try
        {
            await StartAsync(id, cancellation).ConfigureAwait(false);
        }
        catch (DockerApiException e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // It or its sandbox is not there: no fault of its own, so the same attempt is made again.
            await RemoveAsync(id, cancellation).ConfigureAwait(false);
            return !isNew ? false : throw new ContainerRefusedException("RunContainerError", $"failed to start container \"{container.Name}\": {EngineCalls.Message(e)}");
        }
        catch (DockerApiException e)
        {
            // The engine keeps the exit code and the error: the attempt has ended. If it does not, nothing was tried, and the same attempt is made again.
            if (await StateAsync(id, cancellation).ConfigureAwait(false) is not (Running or Exited))
            {
                throw new ContainerRefusedException("RunContainerError", $"failed to start container \"{container.Name}\": {EngineCalls.Message(e)}");
            }
        }

        return true;
    }

    // A log that cannot be kept holds up nothing.
    private async Task KeepLogAsync(ContainerListResponse container, CancellationToken cancellation)
    {
        if (_kept is not { IsOn: true } || container.State == Created
            || !int.TryParse(container.Labels.TryGetValue(DockerLabels.Attempt, out var label) ? label : "", NumberStyles.None, CultureInfo.InvariantCulture, out var attempt))
        {
            return;
        }

        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(EngineCalls.Usual);
        try
        {
            var labels = container.Labels;
            var messages = _streams.MessagesAsync(container.ID, await IsTtyAsync(container.ID, bound.Token).ConfigureAwait(false), bound.Token);
            await _kept.SaveAsync(labels[DockerLabels.PodNamespace], labels[DockerLabels.PodName], labels[DockerLabels.PodUid], labels[DockerLabels.Container], attempt, messages, bound.Token)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && e is IOException or UnauthorizedAccessException or KeyNotFoundException or RuntimeUnavailableException or OperationCanceledException)
        {
            _kept.Lost(container.Names.FirstOrDefault() ?? container.ID, e);
        }
    }

    private async Task<bool> IsTtyAsync(string id, CancellationToken cancellation)
    {
        try
        {
            return (await EngineCalls.QueryAsync(token => _docker.Containers.InspectContainerAsync(id, token), cancellation).ConfigureAwait(false)).Config.Tty;
        }
        catch (DockerContainerNotFoundException)
        {
            throw new KeyNotFoundException("the container is gone");
        }
    }

    private async Task<string> EnsurePauseAsync(CancellationToken cancellation)
    {
        if (_pause is { } known)
        {
            return known;
        }

        // The wait for another pod that makes it counts too: an engine that is silent holds up each of them once.
        return await EngineCalls.QueryAsync(async token =>
        {
            await _pauseGate.WaitAsync(token).ConfigureAwait(false);
            try
            {
                return _pause ??= await PauseImage.EnsureAsync(_docker, token).ConfigureAwait(false);
            }
            finally
            {
                _pauseGate.Release();
            }
        }, cancellation).ConfigureAwait(false);
    }

    // A name that is taken is that of an interrupted attempt of this step, unless somebody else made it. It is also taken before its container can be seen, and for a
    // while after that is gone.
    private async Task<(string Id, string State, bool IsNew)> CreateAsync(CreateContainerParameters parameters, bool isSandbox, CancellationToken cancellation)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return ((await EngineCalls.BoundAsync(token => _docker.Containers.CreateContainerAsync(parameters, token), cancellation).ConfigureAwait(false)).ID, Created, true);
            }
            catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.Conflict)
            {
                var (state, digest) = await FoundAsync(parameters.Name, isSandbox, cancellation).ConfigureAwait(false);
                if (state == Created && tries < RemovalLooks && parameters.Labels.TryGetValue(DockerLabels.Digest, out var wanted) && wanted != digest)
                {
                    // It was never started, and what it is made of has changed since.
                    await RemoveAsync(parameters.Name, cancellation).ConfigureAwait(false);
                    continue;
                }

                if (state != Gone || tries >= RemovalLooks)
                {
                    return (parameters.Name, state, false);
                }
            }
            catch (DockerApiException e)
            {
                throw new ContainerRefusedException("CreateContainerError", EngineCalls.Message(e));
            }

            await Task.Delay(RemovalPause, cancellation).ConfigureAwait(false);
        }
    }

    private async Task StopAsync(string id, TimeSpan grace, CancellationToken cancellation)
    {
        try
        {
            if (grace <= TimeSpan.Zero)
            {
                await EngineCalls.QueryAsync(token => _docker.Containers.KillContainerAsync(id, new ContainerKillParameters { Signal = "KILL" }, token), cancellation).ConfigureAwait(false);
                return;
            }

            var seconds = (uint)Math.Min(int.MaxValue, Math.Ceiling(grace.TotalSeconds));
            await EngineCalls.QueryAsync(token => _docker.Containers.StopContainerAsync(id, new ContainerStopParameters { WaitBeforeKillSeconds = seconds }, token),
                cancellation, grace + EngineCalls.Usual).ConfigureAwait(false);
        }
        catch (DockerApiException e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // Already exited.
        }
    }

    private async Task RemoveAsync(string id, CancellationToken cancellation)
    {
        try
        {
            await EngineCalls.QueryAsync(token => _docker.Containers.RemoveContainerAsync(id, new ContainerRemoveParameters { Force = true, RemoveVolumes = true }, token), cancellation)
                .ConfigureAwait(false);
        }
        catch (DockerApiException e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // Already removed or being removed.
        }

        _reader.Forget(id);
    }

    private async Task<string> StateAsync(string id, CancellationToken cancellation) => (await FoundAsync(id, isSandbox: false, cancellation).ConfigureAwait(false)).State;

    private async Task<(string State, string? Digest)> FoundAsync(string id, bool isSandbox, CancellationToken cancellation)
    {
        try
        {
            var facts = await EngineCalls.QueryAsync(token => _docker.Containers.InspectContainerAsync(id, token), cancellation).ConfigureAwait(false);
            return !_owner.Owns(facts.Config.Labels)
                ? throw new ContainerRefusedException("CreateContainerError", $"the name {facts.Name.TrimStart('/')} is taken by container {facts.ID[..12]}, which is not of this node: remove it")
                : (ContainerReader.CouldNotStart(facts.State) || (isSandbox && _reader.HasEnded(facts.ID)) ? Exited : facts.State.Status,
                    facts.Config.Labels.TryGetValue(DockerLabels.Digest, out var digest) ? digest : null);
        }
        catch (DockerContainerNotFoundException)
        {
            return (Gone, null);
        }
    }
}
