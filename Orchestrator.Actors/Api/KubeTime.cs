using System.Globalization;

namespace Orchestrator.Actors.Api;

/// <summary>Moments as Kubernetes objects carry them (metav1.Time): UTC, whole seconds.</summary>
internal static class KubeTime
{
    /// <summary>Such as <c>2006-01-02T15:04:05Z</c>.</summary>
    public static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
