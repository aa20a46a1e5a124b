namespace Orchestrator.Actors.Api;

/// <summary>Identifies an object. A re-created object has the same key and journal but another uid.</summary>
/// <param name="Resource"><c>pods</c> or <c>deployments.apps</c>.</param>
/// <param name="Namespace">Empty for cluster-scoped kinds.</param>
/// <param name="Name">metadata.name.</param>
public sealed record ObjectKey(string Resource, string Namespace, string Name)
{
    /// <summary><c>pods/default/web-1</c>, <c>deployments.apps/default/web</c>, <c>nodes/n1</c>.</summary>
    public string PersistenceId => Namespace.Length == 0 ? $"{Resource}/{Name}" : $"{Resource}/{Namespace}/{Name}";

    /// <summary>Parses a persistence id; null if it is not that of an object.</summary>
    public static ObjectKey? Parse(string persistenceId) => persistenceId.Split('/') switch
    {
        [var resource, var ns, var name] => new(resource, ns, name),
        [var resource, var name] => new(resource, "", name),
        _ => null,
    };

    /// <inheritdoc/>
    public override string ToString() => PersistenceId;
}
