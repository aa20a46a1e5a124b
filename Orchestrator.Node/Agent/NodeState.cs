using System.Collections.Immutable;
using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Node.Ingress;

namespace Orchestrator.Node.Agent;

/// <summary>What an agent knows of its node.</summary>
internal sealed record NodeState
{
    /// <summary>Of a node of which nothing is known yet.</summary>
    public static readonly NodeState Initial = new();

    /// <summary>Last info of the runtime; null if it has never answered.</summary>
    public RuntimeInfo? Facts { get; init; }

    /// <summary>Why the runtime does not answer; null if it does.</summary>
    public string? DownReason { get; init; } = "not connected yet";

    /// <summary>Images that are present.</summary>
    public IReadOnlyList<RuntimeImage> Images { get; init; } = [];

    /// <summary>What the node is short of.</summary>
    public ImmutableHashSet<NodePressure> Pressures { get; init; } = [];

    /// <summary>Whether its machine shuts down.</summary>
    public bool IsShuttingDown { get; init; }

    /// <summary>Whether the node serves Ingresses; null if there was none yet.</summary>
    public IngressActor.Changed? Ingress { get; init; }

    /// <summary>Why the node is not ready: reason and message of the condition; null if it is.</summary>
    public (string Reason, string Message)? NotReady => IsShuttingDown ? ("KubeletNotReady", "node is shutting down")
        : DownReason is { } why ? ("ContainerRuntimeDown", $"container runtime is down: {why}") : null;
}
