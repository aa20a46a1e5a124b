namespace Orchestrator.Cli.Commands;

/// <summary>Suggests known words for a misspelt one.</summary>
internal static class Spelling
{
    private const int Furthest = 2;

    /// <summary>Returns the word with the smallest edit distance; null if none is close.</summary>
    public static string? Nearest(string word, IEnumerable<string> known) => known
        .Select(k => (Word: k, Distance: k.StartsWith(word, StringComparison.Ordinal) ? 1 : Distance(word, k)))
        .Where(k => k.Distance <= Math.Min(Furthest, word.Length - 1)).OrderBy(k => k.Distance).Select(k => k.Word).FirstOrDefault();

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var (diagonal, left) = (row[0], row[0] = i);
            for (var j = 1; j <= b.Length; j++)
            {
                left = Math.Min(Math.Min(row[j], left) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                (diagonal, row[j]) = (row[j], left);
            }
        }

        return row[^1];
    }
}
