using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Logs;

namespace Orchestrator.Node.Agent.Images;

/// <summary>How an agent looks after the images of its node.</summary>
/// <param name="Store">The images.</param>
/// <param name="Settings">When they are removed.</param>
internal sealed record ImageKeeping(IImageStore Store, ImageGcSettings Settings);

/// <summary>Looks at the images of a node every five minutes, like the kubelet: tells the agent which there are, and removes unused ones when the disk is too full. A child of the
/// agent. Nothing tells when a disk fills, so it has to look.</summary>
internal sealed class ImageCollectorActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);
    private readonly AgentServices _services;
    private readonly ImageKeeping _keeping;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private ImmutableDictionary<string, ImageRecord> _records = ImmutableDictionary<string, ImageRecord>.Empty;
    private RecordedEvent? _told;

    public ImageCollectorActor(AgentServices services, ImageKeeping keeping)
    {
        (_services, _keeping) = (services, keeping);
        Receive<Due>(_ => PassAsync(_records, isForced: false).PipeTo(Self));
        Receive<Passed>(OnPassed);
        Receive<FreeUnused>(_ => PassAsync(_records, isForced: true).PipeTo(Self, Sender));
        Timers.StartSingleTimer(Due.Instance, Due.Instance, First);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(AgentServices services, ImageKeeping keeping) => Akka.Actor.Props.Create(() => new ImageCollectorActor(services, keeping));

    /// <inheritdoc/>
    protected override void PostStop() => _stopping.Cancel();

    private void OnPassed(Passed passed)
    {
        Timers.StartSingleTimer(Due.Instance, Due.Instance, Period);
        _records = passed.Records;
        foreach (var image in passed.Removed)
        {
            _log.Inform("Removed an image that no container uses, because the disk is too full", ("object", _services.Key), ("image", image.Names.FirstOrDefault() ?? image.Id), ("bytes", image.SizeBytes));
        }

        if (passed.Images is { } images)
        {
            Context.Parent.Tell(new Listed([.. images.Where(i => !i.Names.IsEmpty).Select(i => new RuntimeImage(i.Names, i.SizeBytes))]));
        }

        // Once for each trouble, not for each pass.
        if (passed.Trouble is { } trouble && trouble.Reason != _told?.Reason)
        {
            _log.Warn("Images could not be removed as they should", ("object", _services.Key), ("reason", trouble.Reason), ("error", trouble.Message));
            _services.Record(trouble);
        }

        _told = passed.Trouble;
        if (passed.IsForced)
        {
            Sender.Tell(new Freed(passed.Removed.Sum(r => r.SizeBytes)));
        }
    }

    private async Task<Passed> PassAsync(ImmutableDictionary<string, ImageRecord> records, bool isForced)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        bound.CancelAfter(Bound);
        try
        {
            var images = await _keeping.Store.ListAsync(bound.Token).ConfigureAwait(false);
            records = ImagePlan.Note(records, images, _services.Time.GetUtcNow());
            var plan = isForced ? ImagePlan.All(_keeping.Settings, images, records, _services.Time.GetUtcNow()) : await _keeping.Store.DiskAsync(bound.Token).ConfigureAwait(false) is { } disk
                ? ImagePlan.Of(_keeping.Settings, disk, images, records, _services.Time.GetUtcNow()) : ImagePlan.Nothing;
            var removed = new List<StoredImage>();
            foreach (var image in plan.Candidates.TakeWhile(_ => removed.Sum(r => r.SizeBytes) < plan.BytesToFree))
            {
                if (await _keeping.Store.RemoveAsync(image, bound.Token).ConfigureAwait(false))
                {
                    removed.Add(image);
                }
            }

            var freed = removed.Sum(r => r.SizeBytes);
            return new Passed(records, [.. images.Except(removed)], removed, isForced || freed >= plan.BytesToFree ? null : new RecordedEvent("Warning", "FreeDiskSpaceFailed",
                $"Failed to garbage collect required amount of images. Attempted to free {plan.BytesToFree} bytes, but only found {freed} bytes eligible to free.", "kubelet"), isForced);
        }
        catch (RuntimeUnavailableException)
        {
            return new Passed(records, null, [], null, isForced); // The agent knows.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OperationCanceledException or ImageUnavailableException)
        {
            return new Passed(records, null, [], new RecordedEvent("Warning", "ImageGCFailed", e.Message, "kubelet"), isForced);
        }
    }

    /// <summary>The images that are present now; told to the agent.</summary>
    internal sealed record Listed(IReadOnlyList<RuntimeImage> Images);

    /// <summary>Asks to remove all images that may be removed, because the node needs the room now. The answer is <see cref="Freed"/>.</summary>
    internal sealed record FreeUnused { public static readonly FreeUnused Instance = new(); }

    /// <summary>Images were removed.</summary>
    /// <param name="Bytes">How much room they took.</param>
    internal sealed record Freed(long Bytes);

    private sealed record Passed(ImmutableDictionary<string, ImageRecord> Records, IReadOnlyList<StoredImage>? Images, IReadOnlyList<StoredImage> Removed, RecordedEvent? Trouble,
        bool IsForced);

    private sealed record Due { public static readonly Due Instance = new(); }
}
