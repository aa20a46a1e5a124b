namespace Orchestrator.Node.Network;

/// <summary>Who enforces network policies on the pods of a network.</summary>
internal enum PolicyEnforcer
{
    /// <summary>Nobody, so that no pod begins that a policy selects.</summary>
    Nobody,

    /// <summary>The node, by packet rules, which see all packets of its pods.</summary>
    Node,

    /// <summary>The network itself.</summary>
    Network,
}
