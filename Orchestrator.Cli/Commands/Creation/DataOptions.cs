using System.CommandLine;
using System.Text;
using Orchestrator.Cli.Hosting;

namespace Orchestrator.Cli.Commands.Creation;

/// <summary>Options that fill config maps and secrets: literals, files and files of variables.</summary>
internal sealed class DataOptions
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly Option<string[]> _literals = new("--from-literal") { Description = "A value; may be repeated", HelpName = "key=value" };
    private readonly Option<string[]> _files = new("--from-file") { Description = "A file, or all files of a directory, named after themselves or by a key; may be repeated", HelpName = "[key=]path" };
    private readonly Option<string[]> _variables = new("--from-env-file") { Description = "A file with lines KEY=VALUE; may be repeated", HelpName = "path" };

    public Option[] Options => [_literals, _files, _variables];

    /// <summary>The values as bytes, by key.</summary>
    /// <exception cref="CliException">A file does not exist, or a key is there twice.</exception>
    public SortedDictionary<string, byte[]> Read(CommandContext context)
    {
        var data = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (key, value) in Literals(context).Concat((context.Get(_files) ?? []).SelectMany(Files)))
        {
            if (!data.TryAdd(key, value))
            {
                throw new UsageException($"The key {key} is there twice: give it another name with KEY=PATH.");
            }
        }

        return data;
    }

    /// <summary>A value as text; null if it is not UTF-8.</summary>
    public static string? Text(byte[] value)
    {
        try
        {
            return Utf8.GetString(value);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private IEnumerable<(string, byte[])> Literals(CommandContext context)
    {
        var lines = (context.Get(_variables) ?? []).SelectMany(p => Utf8.GetString(Bytes(p)).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Where(l => l[0] != '#');
        return Pairs.Each(context.Get(_literals), "--from-literal", "level=debug").Concat(Pairs.Each(lines, "--from-env-file", "FILE, with lines such as LEVEL=debug"))
            .Select(p => (p.Key, Utf8.GetBytes(p.Value.Text() ?? "")));
    }

    private static IEnumerable<(string, byte[])> Files(string given)
    {
        var at = given.IndexOf('=', StringComparison.Ordinal);
        var path = given[(at + 1)..];
        return at > 0 ? [(given[..at], Bytes(path))]
            : Directory.Exists(path) ? Directory.GetFiles(path).Select(f => (Path.GetFileName(f), Bytes(f)))
            : [(Path.GetFileName(path), Bytes(path))];
    }

    public static byte[] Bytes(string path) => Presence.IsThere(path) && !Directory.Exists(path) ? File.ReadAllBytes(path)
        : throw new CliException($"The file {path} does not exist: specify another one.");
}
