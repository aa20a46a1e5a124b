using System.Reflection;

namespace Orchestrator.Actors.Api;

/// <summary>Versions: the Kubernetes API that is served, and this program.</summary>
public static class Release
{
    /// <summary>As <c>/version</c> says it.</summary>
    public const string Major = "1";

    /// <summary>As <c>/version</c> says it.</summary>
    public const string Minor = "33";

    /// <summary>The version of the API, such as <c>v1.33.0</c>.</summary>
    public const string Kubernetes = $"v{Major}.{Minor}.0";

    /// <summary>Both versions, such as <c>v1.33.0+orchestrator.0.1.0</c>. Reported by the API server and the nodes.</summary>
    public static string Full { get; } = $"{Kubernetes}+orchestrator.{typeof(Release).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion}";
}
