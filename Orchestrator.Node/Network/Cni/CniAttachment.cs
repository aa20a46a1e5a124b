using System.Text.Json.Nodes;

namespace Orchestrator.Node.Network.Cni;

/// <summary>A pod, as plugins are told of it. It is the same each time (CNI specification, section 3, "Attachment parameters").</summary>
/// <param name="Container">Id of the pod, which nobody else has.</param>
/// <param name="Namespace">Path of its network namespace.</param>
/// <param name="Arguments">Further arguments.</param>
/// <param name="Runtime">What there is for plugins with capabilities.</param>
internal sealed record CniAttachment(string Container, string Namespace, string Arguments, JsonObject Runtime)
{
    /// <summary>Name of the interface in the pod.</summary>
    public const string Interface = "eth0";
}
