namespace Orchestrator.Node.Ingress;

/// <summary>The routes of a host by path (Kubernetes, "Ingress", path types): the longest path counts, and of two of the same length the exact one. Of two rules for the same, the first counts.</summary>
internal sealed class PathTable
{
    private readonly Dictionary<string, IngressRoute> _exact = [];
    private readonly Dictionary<string, IngressRoute> _prefixes = [];
    private IngressRoute? _usual;
    private int _longest;

    /// <summary>Adds a rule.</summary>
    public void Add(RouteRule rule)
    {
        if (rule.IsExact)
        {
            _exact.TryAdd(rule.Path, rule.Route);
            return;
        }

        var prefix = Elements(rule.Path);
        _prefixes.TryAdd(prefix, rule.Route);
        _longest = Math.Max(_longest, prefix.Length);
    }

    /// <summary>Adds the route of what no rule matches.</summary>
    public void AddUsual(IngressRoute? route) => _usual ??= route;

    /// <summary>Finds the route of a path; null if there is none.</summary>
    public IngressRoute? Find(string path)
    {
        if (_exact.TryGetValue(path, out var exact))
        {
            return exact;
        }

        // From the whole path to the empty one, which is the prefix "/", an element less each time. Whoever asks may write as many elements as fit: what is longer than all rules is not looked up.
        var prefixes = _prefixes.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var prefix = path.AsSpan(); ;)
        {
            if (prefix.Length <= _longest && prefixes.TryGetValue(prefix, out var route))
            {
                return route;
            }

            if (prefix.LastIndexOf('/') is not (>= 0 and var slash))
            {
                return _usual;
            }

            prefix = prefix[..slash];
        }
    }

    // "/a/" and "/a" have the same elements, and so do "/" and nothing.
    private static string Elements(string path) => path.TrimEnd('/');
}
