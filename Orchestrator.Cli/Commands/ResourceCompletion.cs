using System.CommandLine;
using System.CommandLine.Completions;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Commands;

/// <summary>Completes types and names from the server. Gives up after a short timeout so that the shell does not hang.</summary>
internal static class ResourceCompletion
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    public static Argument<string[]> WithNames(this Argument<string[]> argument, Setup setup, string? type = null)
    {
        argument.CompletionSources.Add(context =>
        {
            try
            {
                var given = context.ParseResult.GetResult(argument)?.Tokens.Select(t => t.Value).ToList() ?? [];
                return Task.Run(() => WordsAsync(setup, context, given, type)).WaitAsync(Bound).GetAwaiter().GetResult();
            }
            catch (Exception e) when (e is CliException or TimeoutException or OperationCanceledException)
            {
                return []; // Without a server there are no completions.
            }
        });
        return argument;
    }

    private static async Task<IEnumerable<CompletionItem>> WordsAsync(Setup setup, CompletionContext completion, List<string> given, string? fixedType)
    {
        using var bound = new CancellationTokenSource(Bound);
        using var context = new CommandContext(completion.ParseResult, setup.Io, setup.Globals, bound.Token);
        var discovery = await context.DiscoveryAsync();
        var word = completion.WordToComplete;
        if (word.Contains('/', StringComparison.Ordinal))
        {
            var prefix = word[..(word.IndexOf('/', StringComparison.Ordinal) + 1)];
            return (await NamesAsync(context, discovery.One(prefix[..^1]))).Select(n => new CompletionItem(prefix + n));
        }

        var before = given.Count > 0 && given[^1] == word ? given.Count - 1 : given.Count;
        return (fixedType, before) switch
        {
            (not null, _) => (await NamesAsync(context, discovery.One(fixedType))).Select(n => new CompletionItem(n)),
            (_, 0) => discovery.Types.Select(t => new CompletionItem(t.Plural)),
            _ => (await NamesAsync(context, discovery.One(given[0]))).Select(n => new CompletionItem(n)),
        };
    }

    private static async Task<IEnumerable<string>> NamesAsync(CommandContext context, ResourceType type) =>
        (await context.Client.GetAsync(ApiClient.Query(type.Path(context.Namespace), ("limit", "200")), context.Cancellation)).Items("items").Select(o => o.Name());
}
