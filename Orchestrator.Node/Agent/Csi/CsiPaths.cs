using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Node.Agent.Csi;

/// <summary>Where drivers and volumes of CSI are on a node. The layout is the kubelet's, because DaemonSets of drivers mount these folders by their names.</summary>
/// <param name="Root">The folder of the kubelet; a driver in a pod sees it under the same path.</param>
internal sealed record CsiPaths(string Root)
{
    private const UnixFileMode Mode = (UnixFileMode)0b111_101_000;

    /// <summary>Sockets by which drivers make themselves known.</summary>
    public string Registrations => Path.Combine(Root, "plugins_registry");

    /// <summary>Folders of the drivers with their own sockets.</summary>
    public string Plugins => Path.Combine(Root, "plugins");

    /// <summary>Folders of pods.</summary>
    public string Pods => Path.Combine(Root, "pods");

    /// <summary>Where a driver shows a volume to one pod. The driver makes the last folder.</summary>
    /// <param name="podUid">Uid of the pod.</param>
    /// <param name="name">Name of the PersistentVolume, or of the pod's own volume.</param>
    public string Target(string podUid, string name) => Path.Combine(Pods, podUid, "volumes", "kubernetes.io~csi", name, "mount");

    /// <summary>Where a driver mounts a volume once for all pods of the node.</summary>
    /// <param name="driver">Name of the driver.</param>
    /// <param name="handle">Its id of the volume, which can be anything.</param>
    public string Staging(string driver, string handle) => Path.Combine(Plugins, "kubernetes.io", "csi", driver, Hash(handle), "globalmount");

    /// <summary>The hash by which ids that can be anything become names.</summary>
    public static string Hash(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)));

    /// <summary>Makes the folders that drivers expect.</summary>
    /// <exception cref="IOException">They cannot be made.</exception>
    public void Create()
    {
        foreach (var folder in (string[])[Registrations, Plugins, Pods])
        {
            Directory.CreateDirectory(folder, Mode);
        }
    }

    /// <summary>Makes the folder in which a driver makes the target of a volume, or a staging folder.</summary>
    public static void Make(string folder) => Directory.CreateDirectory(folder, Mode);
}
