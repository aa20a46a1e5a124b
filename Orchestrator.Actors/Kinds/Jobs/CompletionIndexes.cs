using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>A set of completion indexes in the form of <c>status.completedIndexes</c>: in ascending order, three or more in a row by the first and the last
/// one, such as <c>1,3-5,7</c>. Immutable.</summary>
internal sealed class CompletionIndexes
{
    /// <summary>No index.</summary>
    public static readonly CompletionIndexes None = new([]);

    private readonly ImmutableArray<(int First, int Last)> _intervals;

    private CompletionIndexes(ImmutableArray<(int First, int Last)> intervals)
    {
        _intervals = intervals;
        Count = intervals.Sum(i => i.Last - i.First + 1);
    }

    /// <summary>Number of indexes.</summary>
    public int Count { get; }

    /// <summary>Parses a set.</summary>
    /// <param name="text">The set; null or empty for none.</param>
    /// <param name="completions">Indexes from here on are left out.</param>
    /// <returns>The set; null if the text is none.</returns>
    public static CompletionIndexes? Parse(string? text, int completions)
    {
        var intervals = ImmutableArray.CreateBuilder<(int First, int Last)>();
        foreach (var part in string.IsNullOrEmpty(text) ? [] : text.Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !IsIndex(ends[0], out var first) || !IsIndex(ends[^1], out var last) || last < first || (intervals.Count > 0 && first <= intervals[^1].Last))
            {
                return null;
            }

            Add(intervals, first, last);
        }

        return new CompletionIndexes([.. intervals.Where(i => i.First < completions).Select(i => (i.First, Math.Min(i.Last, completions - 1)))]);
    }

    /// <summary>Whether an index is in the set.</summary>
    public bool Contains(int index)
    {
        var (low, high) = (0, _intervals.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (index < _intervals[middle].First)
            {
                high = middle - 1;
            }
            else if (index > _intervals[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Number of its indexes that are in another set too.</summary>
    public int CountIn(CompletionIndexes other)
    {
        var (count, at) = (0, 0);
        foreach (var (first, last) in _intervals)
        {
            for (; at < other._intervals.Length && other._intervals[at].First <= last; at++)
            {
                count += Math.Max(0, Math.Min(last, other._intervals[at].Last) - Math.Max(first, other._intervals[at].First) + 1);
                if (other._intervals[at].Last > last)
                {
                    break;
                }
            }
        }

        return count;
    }

    /// <summary>Returns the set with more indexes.</summary>
    public CompletionIndexes With(IEnumerable<int> indexes)
    {
        var intervals = ImmutableArray.CreateBuilder<(int First, int Last)>();
        foreach (var (first, last) in _intervals.Concat(indexes.Select(i => (First: i, Last: i))).OrderBy(i => i.First))
        {
            Add(intervals, first, last);
        }

        return new CompletionIndexes(intervals.ToImmutable());
    }

    /// <summary>Returns the indexes below a number that are not in the set, in ascending order.</summary>
    public IEnumerable<int> Missing(int completions)
    {
        var next = 0;
        foreach (var (first, last) in _intervals)
        {
            for (; next < Math.Min(first, completions); next++)
            {
                yield return next;
            }

            next = last + 1;
        }

        for (; next < completions; next++)
        {
            yield return next;
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (first, last) in _intervals)
        {
            text.Append(text.Length > 0 ? "," : "").Append(first);
            if (last > first)
            {
                text.Append(last == first + 1 ? ',' : '-').Append(last);
            }
        }

        return text.ToString();
    }

    // The intervals come in ascending order; those that touch become one.
    private static void Add(ImmutableArray<(int First, int Last)>.Builder intervals, int first, int last)
    {
        if (intervals.Count > 0 && first <= intervals[^1].Last + 1)
        {
            intervals[^1] = (intervals[^1].First, Math.Max(last, intervals[^1].Last));
        }
        else
        {
            intervals.Add((first, last));
        }
    }

    private static bool IsIndex(string text, out int index) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out index);
}
