using System.Globalization;

namespace Orchestrator.Actors.Api;

/// <summary>Moments as Kubernetes objects carry them (metav1.Time): UTC, whole seconds.</summary>
internal static class KubeTime
{
    /// <summary>Such as <c>2006-01-02T15:04:05Z</c>.</summary>
    public static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads a moment as RFC 3339 writes it, with any number of digits up to nanoseconds; null if the text is none.</summary>
    public static DateTimeOffset? Read(string text) =>
        DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at : null;

    private static readonly string[] Forms = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];
}
