using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Discovery;

/// <summary>What Kubernetes serves and this server does not: the sentences that say so. Clients show them to people.</summary>
internal static class Unserved
{
    private static readonly Dictionary<(string Resource, string Subresource), string> NotYet = new()
    {
        [("services", "proxy")] = "nothing is passed on to Services, which route no traffic yet",
    };

    /// <summary>Whether a subresource is one of Kubernetes' that is not supported yet.</summary>
    public static bool IsSubresource(ResourceDefinition kind, string subresource) => NotYet.ContainsKey((kind.Resource, subresource));

    /// <summary>Why a subresource is refused; null: it is served.</summary>
    public static string? Subresource(ResourcePath path) => NotYet.TryGetValue((path.Kind.Resource, path.Subresource), out var what)
        ? $"{path.Kind.Resource}/{path.Subresource} is not supported yet: {what}"
        : null;
}
