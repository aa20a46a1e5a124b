using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Commands;

/// <summary>Watches that are resumed after they end and after restarts of the server.</summary>
internal static class ResumingWatch
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Streams changes after a revision until cancelled. A watch that ends is resumed at its last revision. If the server no longer has that
    /// revision, all current objects are returned as MODIFIED.
    /// </summary>
    public static async IAsyncEnumerable<WatchEvent> FollowAsync(
        CommandContext context, string path, string? revision, string? accept, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation, cancellation);
        var at = revision ?? "";
        var isExpired = false;
        long? lostAt = null;
        while (true)
        {
            JsonObject? all = null;
            if (isExpired)
            {
                try
                {
                    all = await context.Client.GetAsync(path, both.Token, accept ?? ApiClient.Json);
                    isExpired = false;
                    at = all.Text("metadata", "resourceVersion") ?? "";
                }
                catch (CliException e) when (IsPassing(e) && MayRetry(context, ref lostAt))
                {
                    // The server is restarting; retried below.
                }
            }

            foreach (var item in all.Text("kind") == "Table" ? [all!] : all.Items("items"))
            {
                yield return new WatchEvent("MODIFIED", item);
            }

            if (!isExpired)
            {
                await using var changes = context.Client.WatchAsync(path, at, both.Token, accept).GetAsyncEnumerator(both.Token);
                while (true)
                {
                    try
                    {
                        if (!await changes.MoveNextAsync())
                        {
                            break;
                        }
                    }
                    catch (ApiFailure e) when (e.Code == 410)
                    {
                        isExpired = true;
                        break;
                    }
                    catch (CliException e) when (IsPassing(e) && MayRetry(context, ref lostAt))
                    {
                        break;
                    }

                    lostAt = null;
                    at = Revision(changes.Current.Object) ?? at;
                    yield return changes.Current;
                }
            }

            await Task.Delay(Pause, context.Io.Time, both.Token);
        }
    }

    private static bool IsPassing(CliException e) => e is UnreachableException or ApiFailure { Code: 429 or 503 };

    private static bool MayRetry(CommandContext context, ref long? lostAt)
    {
        if (lostAt is null)
        {
            lostAt = context.Io.Time.GetTimestamp();
            context.Io.Error.WriteLine("Waiting for the API server to answer again");
        }

        return context.Io.Time.GetElapsedTime(lostAt.Value) < Patience;
    }

    private static string? Revision(JsonObject o) => o.Text("kind") == "Table"
        ? o.Items("rows").Select(r => r.Text("object", "metadata", "resourceVersion")).LastOrDefault() ?? o.Text("metadata", "resourceVersion")
        : o.Text("metadata", "resourceVersion");
}
