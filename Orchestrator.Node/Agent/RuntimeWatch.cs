using Akka.Actor;

namespace Orchestrator.Node.Agent;

/// <summary>Follows a node's runtime from its first answer to its silence: asks, subscribes, lists, then passes news on, and asks
/// again and again whether it still answers, for a runtime that hangs breaks no stream. What it finds goes to the agent; one life
/// of the watch is told from the next by its number.</summary>
internal sealed class RuntimeWatch(AgentServices services, IActorRef agent)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(3);
    private CancellationTokenSource? _life;
    private int _number;

    /// <summary>Whether news are of the present life.</summary>
    public bool IsCurrent(int number) => _life is not null && number == _number;

    /// <summary>Begins anew, whatever was before.</summary>
    public void Restart()
    {
        Stop();
        var life = _life = new CancellationTokenSource();
        _ = RunAsync(++_number, life);
    }

    /// <summary>Ends; nothing that is under way counts any more.</summary>
    public void Stop()
    {
        _life?.Cancel();
        _life = null;
    }

    private async Task RunAsync(int number, CancellationTokenSource life)
    {
        try
        {
            var facts = await AskAsync(services.Runtime.InfoAsync, life.Token).ConfigureAwait(false);
            var images = await AskAsync(services.Runtime.ImagesAsync, life.Token).ConfigureAwait(false);
            agent.Tell(new Answered(number, facts, images));
            var first = await Task.WhenAny(FollowAsync(number, life.Token), BeatAsync(life.Token)).ConfigureAwait(false);
            await first.ConfigureAwait(false);
            agent.Tell(new Silent(number, "its event stream ended"));
        }
        catch (OperationCanceledException) when (life.IsCancellationRequested)
        {
            // The agent stopped it.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever it is: who is not told stays silent for ever.
            agent.Tell(new Silent(number, e is TimeoutException ? $"no answer in {Bound.TotalSeconds:0} s" : e.Message));
        }
        finally
        {
            // The other of the two must not go on.
            await life.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task FollowAsync(int number, CancellationToken cancellation)
    {
        await foreach (var uid in services.Runtime.ChangesAsync(cancellation).ConfigureAwait(false))
        {
            agent.Tell(uid.Length == 0
                ? new Listed(number, await services.Runtime.ListAsync(cancellation).ConfigureAwait(false))
                : new News(number, uid));
        }
    }

    private async Task BeatAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(Heartbeat, services.Time, cancellation).ConfigureAwait(false);
            await services.Runtime.PingAsync(cancellation).WaitAsync(Bound, services.Time, cancellation).ConfigureAwait(false);
        }
    }

    private Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> question, CancellationToken cancellation) =>
        question(cancellation).WaitAsync(Bound, services.Time, cancellation);

    /// <summary>The runtime answers.</summary>
    internal sealed record Answered(int Number, RuntimeInfo Facts, IReadOnlyList<ImageSeen> Images);

    /// <summary>All that it has, after the subscription stands.</summary>
    internal sealed record Listed(int Number, IReadOnlyList<PodSeen> Pods);

    /// <summary>Something happened to a pod.</summary>
    internal sealed record News(int Number, string PodUid);

    /// <summary>It does not answer.</summary>
    internal sealed record Silent(int Number, string Why);
}
