using System.Reflection;

namespace Orchestrator.Actors.Api;

/// <summary>The release of Kubernetes whose API is served, and the program that serves it.</summary>
public static class Release
{
    /// <summary>As <c>/version</c> says it.</summary>
    public const string Major = "1";

    /// <summary>As <c>/version</c> says it.</summary>
    public const string Minor = "33";

    /// <summary>The release of the API types.</summary>
    public const string Kubernetes = $"v{Major}.{Minor}.0";

    /// <summary>Both, such as <c>v1.33.0+orchestrator.0.1.0</c>: the version of the server and of the nodes' agents.</summary>
    public static string Full { get; } = $"{Kubernetes}+orchestrator.{typeof(Release).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion}";
}
