using Orchestrator.Actors.Kinds.Ingresses;

namespace Orchestrator.Node.Ingress;

/// <summary>Values by host: of one host, of all of a domain (<c>*.example.com</c>, one label and no more), or of any host (an empty pattern). The closest counts (Kubernetes, "Ingress", hostname wildcards).</summary>
/// <typeparam name="T">What hosts have.</typeparam>
internal sealed class HostMap<T> where T : class
{
    private const string Wildcard = "*.";
    private readonly Dictionary<string, T> _hosts = [];
    private readonly Dictionary<string, T> _domains = [];
    private T? _any;

    /// <summary>Whether nothing is in it.</summary>
    public bool IsEmpty => _any is null && _hosts.Count + _domains.Count == 0;

    /// <summary>Adds a value, unless the pattern has one.</summary>
    public void TryAdd(string pattern, T value)
    {
        if (pattern.Length == 0)
        {
            _any ??= value;
        }
        else if (pattern.StartsWith(Wildcard, StringComparison.Ordinal))
        {
            _domains.TryAdd(HostOwners.Normal(pattern[Wildcard.Length..]), value);
        }
        else
        {
            _hosts.TryAdd(HostOwners.Normal(pattern), value);
        }
    }

    /// <summary>Finds the value for a host; null if there is none.</summary>
    /// <param name="host">Name of the host, without a port.</param>
    public T? Find(string host)
    {
        var name = HostOwners.Normal(host);
        return _hosts.TryGetValue(name, out var own) ? own
            : name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && _domains.TryGetValue(name[(dot + 1)..], out var ofDomain) ? ofDomain
            : _any;
    }
}
