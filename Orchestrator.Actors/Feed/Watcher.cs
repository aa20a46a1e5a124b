using System.Threading.Channels;

namespace Orchestrator.Actors.Feed;

/// <summary>The changes of one watch that its client has not taken yet. Bounded; one that falls behind is ended.</summary>
/// <param name="resource">The resource that it watches.</param>
internal sealed class Watcher(string resource)
{
    private const int MaxBatches = 4096;
    private const int LaggingBatches = MaxBatches / 8;
    private readonly Channel<IReadOnlyList<ObjectChange>> _channel = Channel.CreateBounded<IReadOnlyList<ObjectChange>>(MaxBatches);

    /// <summary>The resource that it watches.</summary>
    public string Resource => resource;

    /// <summary>Whether its client has not taken many of the batches.</summary>
    public bool IsLagging => _channel.Reader.Count >= LaggingBatches;

    /// <summary>The changes, in order.</summary>
    public ChannelReader<IReadOnlyList<ObjectChange>> Reader => _channel.Reader;

    /// <summary>Adds changes; ends the watch with a <see cref="SlowWatcherException"/> if there is no room for them.</summary>
    public void Offer(IReadOnlyList<ObjectChange> changes)
    {
        if (changes.Count > 0 && !_channel.Writer.TryWrite(changes))
        {
            if (_channel.Writer.TryComplete(new SlowWatcherException()))
            {
                WatchInstruments.Terminated(resource);
            }
        }
    }

    /// <summary>Ends the watch.</summary>
    public void End(Exception reason) => _channel.Writer.TryComplete(reason);
}
