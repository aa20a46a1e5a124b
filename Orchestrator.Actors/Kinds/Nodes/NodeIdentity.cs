using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Decides which host may act as a node: the one whose installation is in <c>status.nodeInfo.machineID</c>, while it is alive. Pure.</summary>
public static class NodeIdentity
{
    /// <summary>Returns why a host may not act as a node; null if it may.</summary>
    /// <param name="node">The stored node.</param>
    /// <param name="installation">The installation of the host.</param>
    public static string? Refusal(KubeObject node, string installation)
    {
        var status = node.ToNode()["status"];
        var known = (string?)status?["nodeInfo"]?["machineID"];

        // Hosts of earlier versions wrote the name of the node there.
        if (known is null or "" || known == installation || known == node.Name)
        {
            return null;
        }

        var ready = (status?["conditions"]?.AsArray() ?? []).FirstOrDefault(c => (string?)c?["type"] == "Ready");
        return (string?)ready?["status"] == "Unknown" ? null : Taken(node.Name, known);
    }

    /// <summary>Returns the message for a host that may not act as the node.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="known">The installation that is recorded in the node.</param>
    public static string Taken(string node, string known) =>
        $"node name {node} is another host's (machine id {known}), which is up: give this one another --node-name, or stop the other";
}
