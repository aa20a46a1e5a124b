using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Commands;

/// <summary>Watches that outlive the server's ends of them.</summary>
internal static class Watching
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Changes from a revision on, until cancelled: a watch that ends is taken up where it was.</summary>
    public static async IAsyncEnumerable<WatchEvent> FollowAsync(
        CommandContext context, string path, string? revision, string? accept, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation, cancellation);
        var at = revision ?? "";
        while (true)
        {
            var changes = context.Client.WatchAsync(path, at, both.Token, accept).GetAsyncEnumerator(both.Token);
            await using (changes)
            {
                while (true)
                {
                    bool hasMore;
                    try
                    {
                        hasMore = await changes.MoveNextAsync();
                    }
                    catch (ApiFailure e) when (e.Code == 410)
                    {
                        // The revision is too old: from now on.
                        at = (await context.Client.GetAsync(path, both.Token)).Text("metadata", "resourceVersion") ?? "";
                        break;
                    }

                    if (!hasMore)
                    {
                        break;
                    }

                    at = Revision(changes.Current.Object) ?? at;
                    yield return changes.Current;
                }
            }

            await Task.Delay(Pause, context.Io.Time, both.Token);
        }
    }

    private static string? Revision(JsonObject o) => o.Text("kind") == "Table"
        ? o.Items("rows").Select(r => r.Text("object", "metadata", "resourceVersion")).LastOrDefault() ?? o.Text("metadata", "resourceVersion")
        : o.Text("metadata", "resourceVersion");
}
