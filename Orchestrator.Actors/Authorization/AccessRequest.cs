namespace Orchestrator.Actors.Authorization;

/// <summary>What somebody wants to do: a verb on objects, or on a path that is not one of objects (Kubernetes, "Authorization", request attributes).</summary>
/// <param name="Verb">Such as <c>get</c>, <c>list</c>, <c>create</c>; the method in lower case for a path.</param>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Resource">Plural of the kind; empty for a path.</param>
/// <param name="Subresource">Empty for the object itself.</param>
/// <param name="Namespace">Empty for all namespaces, and for kinds without.</param>
/// <param name="Name">Empty for a collection.</param>
/// <param name="Path">The path, if it is not one of objects.</param>
public sealed record AccessRequest(string Verb, string Group, string Resource, string Subresource, string Namespace, string Name, string Path = "")
{
    /// <summary>A verb on a path that is not one of objects.</summary>
    public static AccessRequest OfPath(string verb, string path) => new(verb, "", "", "", "", "", path);

    /// <summary>Whether it is about a path and not about objects.</summary>
    public bool IsPath => Resource.Length == 0;

    /// <summary>The resource as rules name it: <c>pods</c> or <c>pods/log</c>.</summary>
    public string FullResource => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";

    /// <summary>The sentence of a refusal.</summary>
    public string Refusal(string user)
    {
        if (IsPath)
        {
            return $"forbidden: User \"{user}\" cannot {Verb} path \"{Path}\"";
        }

        var qualified = Group.Length == 0 ? Resource : $"{Resource}.{Group}";
        return $"{qualified}{(Name.Length == 0 ? "" : $" \"{Name}\"")} is forbidden: User \"{user}\" cannot {Verb} resource \"{FullResource}\" in API group \"{Group}\" "
            + (Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{Namespace}\"");
    }
}
