using Orchestrator.Actors.Resources;

namespace Orchestrator.Node.ApiServer.Discovery;

/// <summary>What is said of a path that this server does not serve: kubectl shows it to whoever applied a manifest of a kind that is not there.</summary>
internal static class UnservedKinds
{
    private const string Hint = "'kubectl api-resources' lists what it serves";

    /// <summary>The sentence for a path.</summary>
    public static string Sentence(string route, ResourceRegistry registry) => route.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        ["api", var version, .. var rest] => OfGroup(registry, "", version, rest),
        ["apis", var group, var version, .. var rest] => OfGroup(registry, group, version, rest),
        ["apis", var group] => $"this server does not serve the API group {group}; {Hint}",
        _ => "the server could not find the requested resource",
    };

    private static string OfGroup(ResourceRegistry registry, string group, string version, string[] rest)
    {
        var apiVersion = group.Length == 0 ? version : $"{group}/{version}";
        var plural = rest switch
        {
            [] => null,
            ["namespaces", _, var name, ..] => name,
            [var name, ..] => name,
        };
        if (plural is null)
        {
            return $"this server does not serve {apiVersion}; {Hint}";
        }

        var resource = group.Length == 0 ? plural : $"{plural}.{group}";
        return registry.ByResource(group, plural) is not { } kind
            ? $"this server does not serve {resource}; {Hint}"
            : kind.Version == version ? $"there is nothing at this path below {resource}" : $"this server serves {resource} in {kind.ApiVersion}, not in {apiVersion}";
    }
}
