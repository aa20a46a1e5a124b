using k8s.Models;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Workloads;

/// <summary>Classes that objects get which name none.</summary>
internal static class DefaultClasses
{
    /// <summary>Returns the name of the default class of a kind, of several that of the newest; null if there is none.</summary>
    /// <typeparam name="T">The model of the classes.</typeparam>
    /// <param name="view">The classes.</param>
    /// <param name="kind">Their kind.</param>
    /// <param name="annotations">Annotations of which one is <c>true</c> on a default class.</param>
    public static string? NewestOf<T>(IAdmissionView view, ResourceDefinition kind, params IReadOnlyList<string> annotations) where T : class, IMetadata<V1ObjectMeta> =>
        view.All(kind).Where(c => !c.IsDeleting && annotations.Any(a => c.As<T>().Metadata.Annotations?.TryGetValue(a, out var value) == true && value == "true"))
            .OrderByDescending(c => c.As<T>().Metadata.CreationTimestamp).ThenBy(c => c.Name, StringComparer.Ordinal).FirstOrDefault()?.Name;
}
