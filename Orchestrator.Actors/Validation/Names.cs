using System.Text.RegularExpressions;

namespace Orchestrator.Actors.Validation;

/// <summary>Rules for names. Each returns an error message, or null for a valid name.</summary>
internal static partial class Names
{
    public static string? Subdomain(string text) => text.Length > 253 ? "must be no more than 253 characters" : SubdomainForm().IsMatch(text) ? null
        : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

    /// <summary>The names of a domain: <c>*.</c> and a subdomain.</summary>
    public static string? Wildcard(string text) => text.Length > 253 ? "must be no more than 253 characters"
        : text.StartsWith("*.", StringComparison.Ordinal) && SubdomainForm().IsMatch(text[2..]) ? null
        : "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";

    /// <summary>A subdomain, a slash and a path, such as <c>acme.io/foo</c>.</summary>
    public static string? DomainPath(string text) => text.Split('/', 2) is not [{ Length: > 0 } domain, { Length: > 0 } path] ? "must be a domain-prefixed path (such as \"acme.io/foo\")"
        : Subdomain(domain) ?? (PathForm().IsMatch(path) ? null : "Invalid path");

    public static string? Label(string text) => text.Length > 63 ? "must be no more than 63 characters" : LabelForm().IsMatch(text) ? null
        : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";

    public static string? ServiceName(string text) => text.Length > 63 ? "must be no more than 63 characters" : ServiceForm().IsMatch(text) ? null
        : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";

    /// <summary>Any name that can be a segment of a URL path. Used for roles and bindings, whose names may contain colons.</summary>
    public static string? PathSegment(string text) => text is "." or ".." ? $"may not be '{text}'"
        : text.AsSpan().IndexOfAny('/', '%') is >= 0 and var at ? $"may not contain '{text[at]}'" : null;

    public static string? PortName(string text) => text.Length is >= 1 and <= 15 && LabelForm().IsMatch(text)
        && text.Any(char.IsAsciiLetterLower) && !text.Contains("--", StringComparison.Ordinal) ? null
        : "must be no more than 15 lower case alphanumeric characters or '-', with at least one letter, no '--', and an alphanumeric at both ends";

    public static string? LabelKey(string text)
    {
        var at = text.IndexOf('/', StringComparison.Ordinal);
        if (at >= 0 && (text[..at] is var prefix) && (prefix.Length == 0 ? "must not be empty" : Subdomain(prefix)) is { } error)
        {
            return $"prefix part {error}";
        }

        var name = text[(at + 1)..];
        return name.Length is 0 or > 63 || !LabelValueForm().IsMatch(name)
            ? "name part must be 1 to 63 alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character" : null;
    }

    public static string? LabelValue(string text) => text.Length > 63 ? "must be no more than 63 characters" : LabelValueForm().IsMatch(text) ? null
        : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

    public static string? Variable(string text) => VariableForm().IsMatch(text) ? null
        : "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit";

    public static string? DataKey(string text) => text.Length <= 253 && text is not ("." or "..") && !text.StartsWith("..", StringComparison.Ordinal) && DataKeyForm().IsMatch(text) ? null
        : "a valid config key must be at most 253 alphanumeric characters, '-', '_' or '.', and neither '.' nor begin with '..'";

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex SubdomainForm();

    [GeneratedRegex(@"^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+\z")]
    private static partial Regex PathForm();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex LabelForm();

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex ServiceForm();

    [GeneratedRegex(@"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z")]
    private static partial Regex LabelValueForm();

    [GeneratedRegex(@"^[-._a-zA-Z][-._a-zA-Z0-9]*\z")]
    private static partial Regex VariableForm();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+\z")]
    private static partial Regex DataKeyForm();
}
