using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Which host a node is: the one whose installation stands in <c>status.nodeInfo.machineID</c>, as long as it lives. Pure.</summary>
public static class NodeIdentity
{
    /// <summary>Why a host must not speak for a node; null when it may.</summary>
    /// <param name="node">The node as it is stored.</param>
    /// <param name="installation">The host that asks.</param>
    public static string? Refusal(KubeObject node, string installation)
    {
        var status = node.ToNode()["status"];
        var known = (string?)status?["nodeInfo"]?["machineID"];

        // Hosts of former versions wrote their node's name there.
        if (known is null or "" || known == installation || known == node.Name)
        {
            return null;
        }

        var ready = (status?["conditions"]?.AsArray() ?? []).FirstOrDefault(c => (string?)c?["type"] == "Ready");
        return (string?)ready?["status"] == "Unknown" ? null : Taken(node.Name, known);
    }

    /// <summary>The refusal in words.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="known">The installation of the host that it is.</param>
    public static string Taken(string node, string known) =>
        $"node name {node} is another host's (machine id {known}), which is up: give this one another --node-name, or stop the other";
}
