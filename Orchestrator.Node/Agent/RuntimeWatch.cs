using Akka.Actor;

namespace Orchestrator.Node.Agent;

/// <summary>Watches the runtime of a node: connects, subscribes to events, lists the pods and then forwards events to the agent. Pings the
/// runtime as well, because a runtime that hangs does not break its event stream. Every restart of the watch has a new number, so that
/// the agent can ignore messages of an earlier one.</summary>
internal sealed class RuntimeWatch(AgentServices services, IActorRef agent)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(3);
    private CancellationTokenSource? _subscription;
    private int _number;

    /// <summary>Whether a message with this number is from the current watch.</summary>
    public bool IsCurrent(int number) => _subscription is not null && number == _number;

    /// <summary>Starts a new watch and stops the previous one.</summary>
    public void Restart()
    {
        Stop();
        var subscription = _subscription = new CancellationTokenSource();
        _ = RunAsync(++_number, subscription);
    }

    /// <summary>Stops the watch; messages already sent are no longer current.</summary>
    public void Stop()
    {
        _subscription?.Cancel();
        _subscription = null;
    }

    /// <summary>Lists the pods again; <see cref="ListedAgain"/> follows unless the runtime does not answer, which the watch notices itself.</summary>
    public void ListAgain()
    {
        if (_subscription is { } subscription)
        {
            _ = ListAgainAsync(_number, subscription.Token);
        }
    }

    private async Task ListAgainAsync(int number, CancellationToken cancellation)
    {
        try
        {
            agent.Tell(new ListedAgain(number, await services.Runtime.ListAsync(cancellation).ConfigureAwait(false)));
        }
        catch (Exception e) when (e is RuntimeUnavailableException or OperationCanceledException)
        {
            // The next pass lists again.
        }
    }

    private async Task RunAsync(int number, CancellationTokenSource subscription)
    {
        try
        {
            var facts = await WithTimeoutAsync(services.Runtime.InfoAsync, subscription.Token).ConfigureAwait(false);
            var images = await WithTimeoutAsync(services.Runtime.ImagesAsync, subscription.Token).ConfigureAwait(false);
            agent.Tell(new Connected(number, facts, images));
            var first = await Task.WhenAny(FollowAsync(number, subscription.Token), PingLoopAsync(number, subscription.Token)).ConfigureAwait(false);
            await first.ConfigureAwait(false);
            agent.Tell(new Unavailable(number, "its event stream ended"));
        }
        catch (OperationCanceledException) when (subscription.IsCancellationRequested)
        {
            // The agent stopped it.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Any exception is reported; otherwise the agent would wait forever.
            agent.Tell(new Unavailable(number, e is TimeoutException ? $"no answer in {Bound.TotalSeconds:0} s" : e.Message));
        }
        finally
        {
            // Stops the other of the two loops.
            await subscription.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task FollowAsync(int number, CancellationToken cancellation)
    {
        await foreach (var uid in services.Runtime.ChangesAsync(cancellation).ConfigureAwait(false))
        {
            agent.Tell(uid.Length == 0
                ? new Listed(number, await services.Runtime.ListAsync(cancellation).ConfigureAwait(false))
                : new PodChanged(number, uid));
        }
    }

    private async Task PingLoopAsync(int number, CancellationToken cancellation)
    {
        var isLate = false;
        while (true)
        {
            await Task.Delay(Heartbeat, services.Time, cancellation).ConfigureAwait(false);
            var began = services.Time.GetTimestamp();
            await services.Runtime.PingAsync(cancellation).WaitAsync(Bound, services.Time, cancellation).ConfigureAwait(false);
            var took = services.Time.GetElapsedTime(began);
            if (took >= Late != isLate)
            {
                isLate = !isLate;
                agent.Tell(new Pace(number, isLate ? took : null));
            }
        }
    }

    private Task<T> WithTimeoutAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellation) =>
        call(cancellation).WaitAsync(Bound, services.Time, cancellation);

    /// <summary>The runtime has answered.</summary>
    internal sealed record Connected(int Number, RuntimeInfo Facts, IReadOnlyList<RuntimeImage> Images);

    /// <summary>All pods of the runtime, listed after the subscription became active.</summary>
    internal sealed record Listed(int Number, IReadOnlyList<RuntimePodStatus> Pods);

    /// <summary>All pods of the runtime, as <see cref="RuntimeWatch.ListAgain"/> asked.</summary>
    internal sealed record ListedAgain(int Number, IReadOnlyList<RuntimePodStatus> Pods);

    /// <summary>A container of a pod started or exited.</summary>
    internal sealed record PodChanged(int Number, string PodUid);

    /// <summary>The runtime answers late, or in time again.</summary>
    /// <param name="Number">Of the watch.</param>
    /// <param name="Slow">How long an answer took that came late; null if one came in time again.</param>
    internal sealed record Pace(int Number, TimeSpan? Slow);

    /// <summary>The runtime does not answer.</summary>
    internal sealed record Unavailable(int Number, string Why);
}
