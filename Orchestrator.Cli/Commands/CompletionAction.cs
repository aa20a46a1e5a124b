using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Orchestrator.Cli.Commands;

/// <summary>Prints completions for a shell: <c>orc "[suggest:8]" "orc roll"</c>.</summary>
internal sealed class CompletionAction(RootCommand root, SuggestDirective directive, CommandIo io) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var line = parseResult.Tokens.LastOrDefault(t => t.Type != TokenType.Directive)?.Value ?? "";
        var position = int.TryParse(parseResult.GetResult(directive)?.Values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : line.Length;
        foreach (var word in Of(root, line, position))
        {
            io.Out.WriteLine(word);
        }

        return ExitCodes.Ok;
    }

    /// <summary>Completions at a position; options only after a dash.</summary>
    public static IEnumerable<string> Of(RootCommand root, string line, int position)
    {
        // The program can be called by any path, such as ./orc.
        var rest = line.IndexOf(' ', StringComparison.Ordinal) is var space and >= 0 ? line[(space + 1)..] : "";
        position = Math.Clamp(position - (line.Length - rest.Length), 0, rest.Length);
        var typed = rest[..position];
        var word = typed[(typed.LastIndexOf(' ') + 1)..];
        return root.Parse(typed).GetCompletions(position).Select(c => c.InsertText ?? c.Label)
            .Where(w => w.StartsWith(word, StringComparison.Ordinal) && (word.Length > 0 ? w[0] == '-' == (word[0] == '-') : w[0] != '-'))
            .Distinct();
    }
}
