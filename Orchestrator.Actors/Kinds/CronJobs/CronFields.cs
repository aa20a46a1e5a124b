using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Actors.Kinds.CronJobs;

/// <summary>Checks the five fields of a schedule by the grammar of Kubernetes, which is narrower than that of Cronos: no seconds, no <c>L</c>, <c>W</c> and
/// <c>#</c>, no ranges from a later to an earlier value, and Sunday is 0.</summary>
internal static class CronFields
{
    private const int DayOfMonth = 2;
    private const int DayOfWeek = 4;

    private static readonly ImmutableArray<(int Least, int Most, ImmutableArray<string> Names)> Bounds =
    [
        (0, 59, []), (0, 23, []), (1, 31, []),
        (1, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        (0, 6, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ];

    /// <summary>Returns the expressions of a schedule; two if it is due on a day of the month and on a day of the week.</summary>
    /// <exception cref="FormatException">The schedule is invalid.</exception>
    public static IReadOnlyList<string> Parse(string text)
    {
        if (text.Length == 0)
        {
            throw new FormatException("empty spec string");
        }

        if (text.StartsWith('@'))
        {
            return [Named(text)];
        }

        var fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != Bounds.Length)
        {
            throw new FormatException($"expected exactly 5 fields, found {fields.Length}: [{string.Join(' ', fields)}]");
        }

        for (var i = 0; i < fields.Length; i++)
        {
            // Numbers only, and no wildcard but the star.
            fields[i] = string.Join(',', fields[i].Split(',').Select(part => Part(part, i)));
        }

        return IsAny(fields[DayOfMonth]) || IsAny(fields[DayOfWeek]) ? [string.Join(' ', fields)] : [With(fields, DayOfWeek, "*"), With(fields, DayOfMonth, "*")];
    }

    private static string Named(string text) => text switch
    {
        "@yearly" or "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" or "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => throw new FormatException($"unrecognized descriptor: {text}"),
    };

    private static string Part(string part, int field)
    {
        var (least, most, _) = Bounds[field];
        var sides = part.Split('/');
        if (sides.Length > 2)
        {
            throw new FormatException($"too many slashes: {part}");
        }

        var step = sides.Length == 2 ? Number(sides[1]) : 1;
        if (step == 0)
        {
            throw new FormatException($"step of range should be a positive number: {part}");
        }

        var ends = sides[0].Split('-');
        if (ends.Length > 2)
        {
            throw new FormatException($"too many hyphens: {part}");
        }

        if (ends[0] is "*" or "?")
        {
            return step == 1 ? "*" : Range(least, most, step);
        }

        var from = Value(ends[0], field);
        var to = ends.Length == 2 ? Value(ends[1], field) : sides.Length == 2 ? most : from;
        if (from < least)
        {
            throw new FormatException($"beginning of range ({from}) below minimum ({least}): {part}");
        }

        if (to > most)
        {
            throw new FormatException($"end of range ({to}) above maximum ({most}): {part}");
        }

        if (from > to)
        {
            throw new FormatException($"beginning of range ({from}) beyond end of range ({to}): {part}");
        }

        return Range(from, to, step);
    }

    private static string Range(int from, int to, int step) =>
        step > to - from ? from.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{from}-{to}/{step}");

    private static int Value(string text, int field) => Bounds[field].Names.IndexOf(text.ToLowerInvariant()) is var at and >= 0 ? at + Bounds[field].Least : Number(text);

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number : throw new FormatException($"failed to parse int from {text}");

    private static bool IsAny(string field) => field.Split(',').Contains("*");

    private static string With(string[] fields, int at, string value) => string.Join(' ', fields.Select((f, i) => i == at ? value : f));
}
