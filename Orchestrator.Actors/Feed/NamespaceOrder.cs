namespace Orchestrator.Actors.Feed;

/// <summary>Orders namespaces as Kubernetes orders the keys <c>namespace/name</c>: as if each ended with a slash.</summary>
public sealed class NamespaceOrder : IComparer<string>
{
    /// <summary>The only one.</summary>
    public static readonly NamespaceOrder Instance = new();

    private NamespaceOrder()
    {
    }

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var shared = Math.Min(x.Length, y.Length);
        var order = string.CompareOrdinal(x, 0, y, 0, shared);
        return order != 0 || x.Length == y.Length ? order : x.Length < y.Length ? '/' - y[shared] : x[shared] - '/';
    }
}
