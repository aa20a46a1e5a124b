using System.Collections.Immutable;
using System.Net;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Where the API servers of the cluster are, as the membership says: each control host has its address as a role. Written by one actor, read by controllers.</summary>
public sealed class ApiServers
{
    private const string Role = "api=";
    private ImmutableArray<IPEndPoint> _all = [];

    /// <summary>The API servers that pods can reach.</summary>
    public ImmutableArray<IPEndPoint> All => _all;

    /// <summary>The role of a control host with an API server.</summary>
    /// <param name="address">An address of the host at which others reach it.</param>
    public static string RoleOf(IPEndPoint address) => $"{Role}{address}";

    /// <summary>Whether a role says where an API server is.</summary>
    public static bool IsRole(string role) => role.StartsWith(Role, StringComparison.Ordinal);

    /// <summary>Takes the roles of the hosts that live.</summary>
    /// <returns>Whether anything has changed.</returns>
    public bool Take(IEnumerable<string> roles)
    {
        ImmutableArray<IPEndPoint> found = [.. roles.Where(IsRole).Select(r => IPEndPoint.TryParse(r[Role.Length..], out var at) ? at : null).OfType<IPEndPoint>().Distinct().OrderBy(a => a.ToString(), StringComparer.Ordinal)];
        return !ImmutableInterlocked.InterlockedExchange(ref _all, found).SequenceEqual(found);
    }
}
