using System.Collections.Immutable;

namespace Orchestrator.Node.Packets;

/// <summary>What the kernel is to forget once new rules are written. If they cannot be written it is kept for the next transaction.</summary>
/// <typeparam name="T">What is forgotten.</typeparam>
/// <param name="kernel">Takes the transactions.</param>
/// <param name="forget">Makes the kernel forget.</param>
internal sealed class Aftermath<T>(PacketKernel kernel, Func<IReadOnlyCollection<T>, CancellationToken, Task> forget)
{
    private ImmutableHashSet<T> _left = [];

    /// <summary>More is to be forgotten.</summary>
    public void Add(IEnumerable<T> more) => ImmutableInterlocked.Update(ref _left, (all, added) => all.Union(added), more);

    /// <summary>Runs a transaction, which may be empty, and then forgets. Has ended already if there is nothing to do.</summary>
    public Task RunAsync(string text, CancellationToken cancellation)
    {
        var taken = Interlocked.Exchange(ref _left, []);
        return text.Length == 0 && taken.IsEmpty ? Task.CompletedTask : ThenForgetAsync();

        async Task ThenForgetAsync()
        {
            try
            {
                await kernel.RunAsync(text, cancellation).ConfigureAwait(false);
            }
            catch (Exception)
            {
                Add(taken);
                throw;
            }

            await forget(taken, cancellation).ConfigureAwait(false);
        }
    }
}
