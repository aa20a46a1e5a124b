using System.Text.Json;

namespace Orchestrator.Node.Agent.Csi;

/// <summary>A volume that a driver was asked to mount for a pod, so that it is undone whatever happens to the agent or the pod.</summary>
/// <param name="Driver">Name of the driver.</param>
/// <param name="Handle">Its id of the volume.</param>
/// <param name="Name">Name of the PersistentVolume, or of the pod's own volume.</param>
/// <param name="Target">Where the pod's is.</param>
/// <param name="Staging">Where that of all pods of the node is; null if the driver has none.</param>
/// <param name="IsReadOnly">Whether it was asked for read-only.</param>
internal sealed record CsiRecord(string Driver, string Handle, string Name, string Target, string? Staging, bool IsReadOnly);

/// <summary>Keeps the records of mounted volumes, one file for each in the agent's folder of the pod, which no container and no driver reaches. A record is there before the driver is
/// called, and goes when all is undone.</summary>
/// <param name="pods">Parent folder of all pods.</param>
internal sealed class CsiRecords(string pods)
{
    private const string Folder = "csi";

    /// <summary>Notes that a volume is about to be mounted.</summary>
    public void Write(string podUid, string volume, CsiRecord record)
    {
        var folder = Path.Combine(pods, podUid, Folder);
        Directory.CreateDirectory(folder);
        var (file, draft) = (Path.Combine(folder, volume), Path.Combine(folder, $".{volume}"));
        using (var stream = new FileStream(draft, FileMode.Create))
        {
            JsonSerializer.Serialize(stream, record);

            // On the disk before it has its name: an empty record would say nothing of what is mounted.
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, file, overwrite: true);
    }

    /// <summary>Returns the record of a volume; null if there is none.</summary>
    public CsiRecord? Find(string podUid, string volume) => Read(Path.Combine(pods, podUid, Folder, volume));

    /// <summary>Returns the volumes of a pod.</summary>
    public IReadOnlyList<(string Volume, CsiRecord Record)> Of(string podUid)
    {
        var folder = Path.Combine(pods, podUid, Folder);
        return !Directory.Exists(folder) ? []
            : [.. Directory.GetFiles(folder).Where(f => !Path.GetFileName(f).StartsWith('.')).Select(f => (Path.GetFileName(f), Read(f))).Where(r => r.Item2 is not null).Select(r => (r.Item1, r.Item2!))];
    }

    /// <summary>Whether another volume of a pod is the same one.</summary>
    public bool IsUsedBeside(string podUid, string volume, CsiRecord record) => Directory.Exists(pods) && Directory.GetDirectories(pods).Select(d => Path.GetFileName(d)!)
        .Any(uid => Of(uid).Any(r => r.Record.Driver == record.Driver && r.Record.Handle == record.Handle && (uid != podUid || r.Volume != volume)));

    /// <summary>Forgets a volume.</summary>
    public void Remove(string podUid, string volume) => File.Delete(Path.Combine(pods, podUid, Folder, volume));

    private static CsiRecord? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<CsiRecord>(File.ReadAllText(file));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            // A damaged one must not hold up all other volumes of the node.
            return null;
        }
    }
}
