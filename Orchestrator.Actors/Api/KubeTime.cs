using System.Globalization;

namespace Orchestrator.Actors.Api;

/// <summary>Timestamps of Kubernetes objects (metav1.Time): UTC, whole seconds.</summary>
internal static class KubeTime
{
    /// <summary>Formats a timestamp, such as <c>2006-01-02T15:04:05Z</c>.</summary>
    public static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Parses an RFC 3339 timestamp with up to nanoseconds; null if it is invalid.</summary>
    public static DateTimeOffset? Read(string text) =>
        DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at : null;

    private static readonly string[] Forms = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];
}
