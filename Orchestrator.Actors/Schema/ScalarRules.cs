using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Schema;

/// <summary>The rules of a schema document for texts, numbers and counts.</summary>
internal static class ScalarRules
{
    private const int MaxPattern = 1024;
    private const int MaxPatterns = 1000;
    private static readonly TimeSpan MatchBound = TimeSpan.FromMilliseconds(100);
    private static readonly ConcurrentDictionary<string, Regex?> Patterns = [];

    /// <summary>Length, pattern and format of a text.</summary>
    public static void CheckText(JsonObject rules, string text, string path, FieldErrors errors)
    {
        var length = text.EnumerateRunes().Count();
        if (rules["minLength"].AsInt64() is { } least && length < least)
        {
            errors.Invalid(path, text, $"should be at least {least} chars long");
        }

        if (rules["maxLength"].AsInt64() is { } most && length > most)
        {
            errors.Invalid(path, text, $"may not be more than {most} chars long");
        }

        if ((string?)rules["pattern"] is { } pattern && !IsMatch(text, pattern))
        {
            errors.Invalid(path, text, $"should match '{pattern}'");
        }

        if ((string?)rules["format"] is { } format && !TextFormats.Has(text, format))
        {
            errors.Invalid(path, text, $"must be of type {format}");
        }
    }

    /// <summary>Bounds of a number.</summary>
    public static void CheckNumber(JsonObject rules, JsonValue value, string path, FieldErrors errors)
    {
        if (Compare(value, rules["minimum"]) is { } least && (least < 0 || (least == 0 && JsonFilling.IsTrue(rules["exclusiveMinimum"]))))
        {
            errors.Invalid(path, value.DeepClone(), $"should be greater than {(JsonFilling.IsTrue(rules["exclusiveMinimum"]) ? "" : "or equal to ")}{rules["minimum"]!.ToJsonString()}");
        }

        if (Compare(value, rules["maximum"]) is { } most && (most > 0 || (most == 0 && JsonFilling.IsTrue(rules["exclusiveMaximum"]))))
        {
            errors.Invalid(path, value.DeepClone(), $"should be less than {(JsonFilling.IsTrue(rules["exclusiveMaximum"]) ? "" : "or equal to ")}{rules["maximum"]!.ToJsonString()}");
        }

        if (Number(rules["multipleOf"]) is { } step && step != 0 && Number(value) is { } number && number % step != 0)
        {
            errors.Invalid(path, value.DeepClone(), $"should be a multiple of {rules["multipleOf"]!.ToJsonString()}");
        }
    }

    /// <summary>The number of items or properties.</summary>
    /// <param name="rules">The document.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="rule">The end of the rules' names: <c>Items</c> or <c>Properties</c>.</param>
    /// <param name="what">What is counted.</param>
    /// <param name="value">The value.</param>
    /// <param name="path">Its field.</param>
    /// <param name="errors">Takes what is wrong.</param>
    public static void CheckCount(JsonObject rules, int count, string rule, string what, JsonNode value, string path, FieldErrors errors)
    {
        if (rules[$"min{rule}"].AsInt64() is { } least && count < least)
        {
            errors.Invalid(path, value.DeepClone(), $"should have at least {least} {what}");
        }

        if (rules[$"max{rule}"].AsInt64() is { } most && count > most)
        {
            errors.Invalid(path, value.DeepClone(), $"must have at most {most} {what}");
        }
    }

    /// <summary>Whether a pattern can be checked: a regular expression of at most 1,024 characters without look-around and back-references.</summary>
    public static bool IsPattern(string pattern) => Compile(pattern) is not null;

    private static bool IsMatch(string text, string pattern)
    {
        try
        {
            return Compile(pattern)?.IsMatch(text) == true;
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static Regex? Compile(string pattern)
    {
        if (Patterns.Count >= MaxPatterns)
        {
            Patterns.Clear();
        }

        return pattern.Length > MaxPattern ? null : Patterns.GetOrAdd(pattern, static p =>
        {
            try
            {
                // Takes time in proportion to the text, and refuses a pattern that becomes too large.
                return new Regex(p, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, MatchBound);
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                return null;
            }
        });
    }

    private static decimal? Number(JsonNode? node) => node is not null && decimal.TryParse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    // A number that is no decimal is compared as a floating point number. Null if there is nothing to compare with.
    private static int? Compare(JsonNode? value, JsonNode? bound) => value is null || bound is null ? null
        : Number(value) is { } exact && Number(bound) is { } exactBound ? exact.CompareTo(exactBound)
        : double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture).CompareTo(double.Parse(bound.ToJsonString(), CultureInfo.InvariantCulture));
}
