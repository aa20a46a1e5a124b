using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Watches;

/// <summary>GET of a collection with <c>watch=true</c>.</summary>
internal sealed class WatchHandler(IObjectCache cache, TimeProvider time)
{
    /// <summary>How often a watch is told the revision that it has seen everything of; Kubernetes' interval.</summary>
    public static readonly TimeSpan BookmarkEvery = TimeSpan.FromMinutes(1);

    // How long a client may take for the last lines.
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);
    private static readonly TimeSpan Usual = TimeSpan.FromHours(1);

    public async Task HandleAsync(HttpContext http, ResourcePath path)
    {
        var isMatch = Selection.Of(http, path);
        ReadVersion.CheckWatch(http);
        var (start, sendsInitial) = (Queries.ResourceVersion(http) ?? 0, ReadVersion.SendsInitial(http));
        var takesBookmarks = http.Request.Query["allowWatchBookmarks"] is ["true" or "1"];

        // Without a version, or by its own wish, the client learns first what there is.
        var begins = sendsInitial ?? start == 0;
        await ReadVersion.ReachAsync(http, cache, path.Kind).ConfigureAwait(false);
        var initial = begins || start == 0 ? await cache.SnapshotAsync(path.Kind, http.RequestAborted).ConfigureAwait(false) : null;
        using var watch = cache.Watch(path.Kind, initial?.Revision ?? start);
        var lasts = Bound(http);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        bound.CancelAfter(lasts);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        end.CancelAfter(lasts + EndBound);
        http.Response.ContentType = "application/json";
        var stream = new WatchStream(http, path.Served, time, end.Token) { Seen = initial?.Revision ?? start };
        if (watch is null)
        {
            await stream.ErrorAsync(TooOld(start)).ConfigureAwait(false);
            return;
        }

        try
        {
            foreach (var item in begins ? initial!.Objects.In(path.Namespace).Where(isMatch) : [])
            {
                await stream.SendAsync("ADDED", item).ConfigureAwait(false);
            }

            if (sendsInitial == true && takesBookmarks)
            {
                await stream.BookmarkAsync(initial!.Revision, endsInitial: true).ConfigureAwait(false);
            }

            await stream.FlushAsync().ConfigureAwait(false);
            await FollowAsync(stream, watch, isMatch, takesBookmarks, bound.Token).ConfigureAwait(false);
        }
        catch (SlowWatcherException)
        {
            await stream.ErrorAsync(TooOld(stream.Seen)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested && !end.IsCancellationRequested)
        {
            // The watch's time is over: the client resumes from the bookmark.
            await EndAsync(stream, watch, isMatch, takesBookmarks, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The client left, or takes nothing any more.
        }
    }

    private async Task FollowAsync(WatchStream stream, ChangeSubscription watch, Func<KubeObject, bool> isMatch, bool takesBookmarks, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(takesBookmarks ? BookmarkEvery : Timeout.InfiniteTimeSpan, time);
        var tick = timer.WaitForNextTickAsync(cancellation).AsTask();
        var more = watch.Changes.WaitToReadAsync(cancellation).AsTask();
        while (true)
        {
            await Task.WhenAny(more, tick).ConfigureAwait(false);
            var isDue = tick.IsCompletedSuccessfully;

            // Asked for first: all changes up to there are in the channel then.
            var told = cache.Told;
            while (watch.Changes.TryRead(out var batch))
            {
                await SendAsync(stream, batch, isMatch).ConfigureAwait(false);
            }

            if (isDue)
            {
                await stream.BookmarkAsync(told, endsInitial: false).ConfigureAwait(false);
            }

            await stream.FlushAsync().ConfigureAwait(false);
            if (isDue || tick.IsCanceled)
            {
                await tick.ConfigureAwait(false);
                tick = timer.WaitForNextTickAsync(cancellation).AsTask();
            }

            if (more.IsCompleted)
            {
                if (!await more.ConfigureAwait(false))
                {
                    return;
                }

                more = watch.Changes.WaitToReadAsync(cancellation).AsTask();
            }
        }
    }

    private async Task EndAsync(WatchStream stream, ChangeSubscription watch, Func<KubeObject, bool> isMatch, bool takesBookmarks, CancellationToken cancellation)
    {
        try
        {
            if (takesBookmarks)
            {
                var told = cache.Told;
                while (watch.Changes.TryRead(out var batch))
                {
                    await SendAsync(stream, batch, isMatch).ConfigureAwait(false);
                }

                await stream.BookmarkAsync(told, endsInitial: false).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The client left, or takes nothing any more.
        }
    }

    private static async Task SendAsync(WatchStream stream, IReadOnlyList<ObjectChange> batch, Func<KubeObject, bool> isMatch)
    {
        foreach (var change in batch)
        {
            var was = change.Previous is { } p && isMatch(p);
            var now = change.Type != "DELETED" && isMatch(change.Object);
            var type = (was, now) switch { (false, true) => "ADDED", (true, true) => "MODIFIED", (true, false) => "DELETED", _ => null };
            if (type is not null)
            {
                // What leaves the selector is told with the last content that matched it, as in Kubernetes.
                var hasLeft = type == "DELETED" && change.Type != "DELETED";
                await stream.SendAsync(type, hasLeft ? change.Previous!.At(change.Revision) : change.Object).ConfigureAwait(false);
            }

            stream.Seen = change.Revision;
        }

        await stream.FlushAsync().ConfigureAwait(false);
    }

    private static TimeSpan Bound(HttpContext http) =>
        Queries.Whole(http, "timeoutSeconds") is > 0 and var seconds ? TimeSpan.FromSeconds(Math.Min(seconds, Longest.TotalSeconds)) : Usual;

    private static ApiError TooOld(long revision) => new(ApiReason.Expired, $"too old resource version: {revision}; list again and watch from there");
}
