using System.Text;
using System.Text.RegularExpressions;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary>The links of a page that is passed on: those that begin at the root of its server begin at the path by which the client reaches it, as Kubernetes' proxy has it.</summary>
/// <remarks>Bytes are read as Latin-1 and written as such, which keeps all of them: markup is ASCII in whatever a page is written in.</remarks>
internal sealed partial class PageLinks(string prefix)
{
    private const int MaxTag = 64 * 1024;
    private const int Piece = 16 * 1024;
    private const string CommentStart = "<!--";
    private const string CommentEnd = "-->";
    private static readonly HashSet<string> Names = new(
        ["action", "background", "cite", "classid", "codebase", "data", "formaction", "href", "icon", "longdesc", "manifest", "poster", "profile", "src", "usemap"], StringComparer.OrdinalIgnoreCase);

    private readonly StringBuilder _tag = new();
    private readonly StringBuilder _done = new();

    // What ends the part of the page in which nothing is a tag, a comment or a script; and the last characters, in which it may be.
    private string? _until;
    private string _last = "";
    private char _quote;

    /// <summary>Copies a page.</summary>
    public static async Task CopyAsync(Stream from, Stream to, string prefix, CancellationToken cancellation)
    {
        var (links, buffer) = (new PageLinks(prefix), new byte[Piece]);
        while (await from.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var count)
        {
            await to.WriteAsync(Encoding.Latin1.GetBytes(links.Next(Encoding.Latin1.GetString(buffer, 0, count))), cancellation).ConfigureAwait(false);
            await to.FlushAsync(cancellation).ConfigureAwait(false);
        }

        await to.WriteAsync(Encoding.Latin1.GetBytes(links.Rest()), cancellation).ConfigureAwait(false);
    }

    /// <summary>Takes the next piece of the page and returns what of it is known by then.</summary>
    public string Next(string piece)
    {
        foreach (var c in piece)
        {
            if (_until is { } end)
            {
                Skip(c, end);
            }
            else if (_tag.Length > 0)
            {
                Grow(c);
            }
            else if (c == '<')
            {
                _tag.Append(c);
            }
            else
            {
                _done.Append(c);
            }
        }

        return Taken(_done);
    }

    /// <summary>Returns the rest, at the end of the page.</summary>
    public string Rest() => Taken(_tag);

    private void Skip(char c, string end)
    {
        _done.Append(c);
        _last = (_last + char.ToLowerInvariant(c))[^Math.Min(_last.Length + 1, end.Length)..];
        if (_last == end)
        {
            (_until, _last) = (null, "");
        }
    }

    private void Grow(char c)
    {
        _tag.Append(c);
        if (_tag.Length == 2 && !char.IsAsciiLetter(c) && c != '!')
        {
            Let(); // No tag, or the end of one.
        }
        else if (_tag.Length == CommentStart.Length && _tag.Equals(CommentStart))
        {
            Let();
            _until = CommentEnd;
        }
        else if (_quote != default)
        {
            _quote = c == _quote ? default : _quote;
        }
        else if (c is '"' or '\'')
        {
            _quote = c;
        }
        else if (c == '>')
        {
            End(Taken(_tag));
        }

        if (_tag.Length == MaxTag)
        {
            Let();
        }
    }

    private void Let()
    {
        _done.Append(Taken(_tag));
        _quote = default;
    }

    private void End(string tag)
    {
        _done.Append(Attribute().Replace(tag, a => Names.Contains(a.Groups["name"].Value) && IsFromRoot(a.Groups["value"].Value) ? a.Value.Insert(a.Groups["value"].Index - a.Index, prefix) : a.Value));
        if (Text().Match(tag) is { Success: true } raw)
        {
            _until = $"</{raw.Groups["name"].Value.ToLowerInvariant()}";
        }
    }

    private static string Taken(StringBuilder text)
    {
        var taken = text.ToString();
        text.Clear();
        return taken;
    }

    // No other server ("//"), and not what is right already.
    private bool IsFromRoot(string value) => value is ['/', ..] and not ['/', '/', ..] && !value.StartsWith(prefix, StringComparison.Ordinal);

    [GeneratedRegex("""\s(?<name>[^\s=>]+)\s*=\s*(?:"(?<value>[^"]*)"|'(?<value>[^']*)'|(?<value>[^\s>]*))""")]
    private static partial Regex Attribute();

    // What these have in them is no markup.
    [GeneratedRegex(@"^<(?<name>script|style|textarea|title|iframe|noembed|noframes|xmp)[\s>/]", RegexOptions.IgnoreCase)]
    private static partial Regex Text();
}
