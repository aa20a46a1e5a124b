using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Injection;

/// <summary>Injects one fault after the other, all equally often in an order from the seed, and waits after each until all is well again.</summary>
internal sealed class Injector(IReadOnlyList<IFault> faults, FaultCluster cluster, History history, Random random, TextWriter log)
{
    private readonly Queue<IFault> _deck = new();

    /// <summary>Goes on until told to stop; a fault under way is healed. Ends at once if a host does not recover.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.WhenAny(Task.Delay(TimeSpan.FromSeconds(1 + (3 * random.NextDouble())), stop));
            if (stop.IsCancellationRequested)
            {
                return;
            }

            var done = await TryAsync(Next(), stop);
            history.Add(done);
            await log.WriteLineAsync(done.ToString());
            if (done.Problem is not null)
            {
                return;
            }
        }
    }

    private IFault Next()
    {
        if (_deck.Count == 0)
        {
            var shuffled = faults.ToArray();
            random.Shuffle(shuffled);
            shuffled.ToList().ForEach(_deck.Enqueue);
        }

        return _deck.Dequeue();
    }

    private async Task<FaultTry> TryAsync(IFault fault, CancellationToken stop)
    {
        var (target, began, healed) = ("", history.Now, history.Now);
        try
        {
            target = await fault.InjectAsync(cluster, random);
            await Task.WhenAny(Task.Delay(fault.Longest * random.NextDouble(), stop));
            await fault.HealAsync(cluster);
            healed = history.Now;
            await cluster.RecoverAsync();
            return new FaultTry(fault.Name, target, began, healed, history.Now, null);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            return new FaultTry(fault.Name, target, began, healed, history.Now, e.Message);
        }
    }
}
