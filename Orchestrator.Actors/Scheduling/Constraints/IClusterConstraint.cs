namespace Orchestrator.Actors.Scheduling.Constraints;

/// <summary>A filter and scorer that looks at the pods of all nodes, for pods that are all alike. It counts them once, and each that is placed after that.</summary>
internal interface IClusterConstraint
{
    /// <summary>Its name in Kubernetes' scheduler.</summary>
    string Name { get; }

    /// <summary>Weight of its scores.</summary>
    int Weight { get; }

    /// <summary>Whether a node can take one of the pods.</summary>
    Verdict Ask(NodeSnapshot node);

    /// <summary>Returns a score from 0 to 100 for each node that can take one; null if it prefers none.</summary>
    double[]? Score(IReadOnlyList<NodeSnapshot> nodes);

    /// <summary>One of the pods was placed on a node.</summary>
    void Took(NodeSnapshot node);
}
