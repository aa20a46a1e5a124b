using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Actors.Workloads;

/// <summary>The VolumeAttachments by which drivers of CSI are asked to attach volumes to nodes (Kubernetes, VolumeAttachment). Pure.</summary>
public static class CsiAttachments
{
    /// <summary>Name of the attachment of a volume to a node. Attachers and agents find it by this name, which is the same in every cluster.</summary>
    /// <param name="handle">The driver's id of the volume.</param>
    /// <param name="driver">Name of the driver.</param>
    /// <param name="node">Name of the node.</param>
    public static string NameOf(string handle, string driver, string node) => $"csi-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(handle + driver + node)))}";
}
