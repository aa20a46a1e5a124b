using System.Diagnostics;
using System.Text.Json;

namespace Orchestrator.Benchmarks;

/// <summary>Counts pods that are there and that are Ready, from a watch.</summary>
internal sealed class PodFollower : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (bool IsReady, string Image)> _pods = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Func<PodFollower, bool>? _until;
    private Task _loop = Task.CompletedTask;

    public int Ready { get; private set; }

    public int Count => _pods.Count;

    public long Events { get; private set; }

    public static async Task<PodFollower> StartAsync(ApiClient api, CancellationToken cancellation)
    {
        var follower = new PodFollower();
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        follower._loop = api.WatchAsync($"{Samples.Pods}?watch=true", opened, follower.Take, follower._stop.Token);
        await opened.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellation);
        return follower;
    }

    public int ReadyWith(string image) => _pods.Values.Count(p => p.IsReady && p.Image == image);

    /// <summary>Waits until the pods are so; how long that took.</summary>
    /// <exception cref="TimeoutException">They did not become so in time.</exception>
    public async Task<TimeSpan> WaitAsync(Func<PodFollower, bool> until, TimeSpan bound, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        Task changed;
        lock (_gate)
        {
            if (until(this))
            {
                return clock.Elapsed;
            }

            _until = until;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            changed = _changed.Task;
        }

        try
        {
            await (await Task.WhenAny(changed, _loop).WaitAsync(bound, cancellation));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"After {bound.TotalSeconds:0} s there are {Count} pods, {Ready} of them ready.");
        }

        return clock.Elapsed;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop.WaitAsync(TimeSpan.FromSeconds(10));
        _stop.Dispose();
    }

    private void Take(ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        var type = document.RootElement.GetProperty("type").GetString();
        var pod = document.RootElement.GetProperty("object");
        var name = pod.GetProperty("metadata").GetProperty("name").GetString()!;
        lock (_gate)
        {
            Events++;
            var wasReady = _pods.TryGetValue(name, out var was) && was.IsReady;
            var isReady = type != "DELETED" && IsReady(pod);
            if (type == "DELETED")
            {
                _pods.Remove(name);
            }
            else
            {
                _pods[name] = (isReady, pod.GetProperty("spec").GetProperty("containers")[0].GetProperty("image").GetString()!);
            }

            Ready += (isReady ? 1 : 0) - (wasReady ? 1 : 0);
            if (_until?.Invoke(this) == true)
            {
                _until = null;
                _changed.TrySetResult();
            }
        }
    }

    private static bool IsReady(JsonElement pod)
    {
        if (pod.TryGetProperty("status", out var status) && status.TryGetProperty("conditions", out var conditions))
        {
            foreach (var condition in conditions.EnumerateArray())
            {
                if (condition.GetProperty("type").ValueEquals("Ready"))
                {
                    return condition.GetProperty("status").ValueEquals("True");
                }
            }
        }

        return false;
    }
}
