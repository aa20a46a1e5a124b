using System.Collections.Concurrent;
using System.Globalization;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Orchestrator.Benchmarks;

/// <summary>When the engine has created and started containers, by its events.</summary>
internal sealed class EngineWatch : IAsyncDisposable
{
    private static readonly DateTime Epoch = DateTime.UnixEpoch;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<(string Name, string Action), DateTime> _seen = new();
    private readonly Task _loop;

    public EngineWatch(DockerClient docker)
    {
        var filters = new Dictionary<string, IDictionary<string, bool>> { ["type"] = new Dictionary<string, bool> { ["container"] = true } };
        _loop = docker.System.MonitorEventsAsync(new ContainerEventsParameters { Filters = filters }, new Taker(_seen), _stop.Token);
    }

    /// <summary>When something was first done to the container whose name has this beginning.</summary>
    public DateTime? At(string action, string start) =>
        _seen.Where(s => s.Key.Action == action && s.Key.Name.StartsWith(start, StringComparison.Ordinal)).Select(s => (DateTime?)s.Value).Min();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _loop.WaitAsync(TimeSpan.FromSeconds(10));
        }
        catch (OperationCanceledException)
        {
            // It was asked to end.
        }

        _stop.Dispose();
    }

    private sealed class Taker(ConcurrentDictionary<(string, string), DateTime> seen) : IProgress<Message>
    {
        public void Report(Message value)
        {
            if (value.Actor?.Attributes?.TryGetValue("name", out var name) == true)
            {
                seen.TryAdd((name, value.Action), Epoch.AddTicks(long.Parse(value.TimeNano.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) / 100));
            }
        }
    }
}
