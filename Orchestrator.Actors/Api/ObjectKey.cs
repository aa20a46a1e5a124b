namespace Orchestrator.Actors.Api;

/// <summary>Where an object lives. A re-created object has the same key, another uid and continues the same journal.</summary>
/// <param name="Resource"><c>pods</c> or <c>deployments.apps</c>.</param>
/// <param name="Namespace">Empty for cluster-scoped kinds.</param>
/// <param name="Name">metadata.name.</param>
public sealed record ObjectKey(string Resource, string Namespace, string Name)
{
    /// <summary><c>pods/default/web-1</c>, <c>deployments.apps/default/web</c>, <c>nodes/n1</c>.</summary>
    public string PersistenceId => Namespace.Length == 0 ? $"{Resource}/{Name}" : $"{Resource}/{Namespace}/{Name}";

    /// <summary>Reads a persistence id back; null when it is not one of an object.</summary>
    public static ObjectKey? Parse(string persistenceId) => persistenceId.Split('/') switch
    {
        [var resource, var ns, var name] => new(resource, ns, name),
        [var resource, var name] => new(resource, "", name),
        _ => null,
    };

    /// <inheritdoc/>
    public override string ToString() => PersistenceId;
}
