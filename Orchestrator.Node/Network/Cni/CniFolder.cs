namespace Orchestrator.Node.Network.Cni;

/// <summary>The folder of network configurations. The first file by name is the one (CNI, libcni; as the runtimes of Kubernetes do).</summary>
internal static class CniFolder
{
    private const int MostBytes = 1 << 20;
    private static readonly string[] Extensions = [".conf", ".conflist", ".json"];

    /// <summary>The file; null if there is none.</summary>
    public static string? First(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder).Where(f => Extensions.Contains(Path.GetExtension(f))).Order(StringComparer.Ordinal).FirstOrDefault() : null;

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="NetworkException">There is none, or it cannot be used.</exception>
    public static CniConfiguration Read(string folder)
    {
        var file = folder;
        try
        {
            file = First(folder) ?? throw new NetworkException($"{folder} has no network configuration (*.conf, *.conflist or *.json)");
            return new FileInfo(file).Length <= MostBytes ? CniConfiguration.Read(file, File.ReadAllText(file)) : throw new NetworkException($"{file} has more than {MostBytes} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NetworkException($"{file} cannot be read: {e.Message}");
        }
    }
}
