using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Node.Agent;

namespace Orchestrator.Node.Network.Cni;

/// <summary>The records of pods: a file for each, written before a plugin hears of the pod and removed after all have forgotten it. What plugins keep outlives a start of the host, so the files do too.</summary>
/// <param name="folder">Folder of the files.</param>
internal sealed class CniRecords(string folder)
{
    private const string Extension = ".json";

    /// <summary>Whether there is any.</summary>
    public bool Any => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*" + Extension).Any();

    /// <summary>The records by uid of the pod; null for one that cannot be read.</summary>
    public IReadOnlyDictionary<string, CniRecord?> Read()
    {
        Directory.CreateDirectory(folder);
        foreach (var draft in Directory.EnumerateFiles(folder).Where(f => Path.GetExtension(f) != Extension))
        {
            File.Delete(draft);
        }

        return Directory.EnumerateFiles(folder).ToDictionary(f => Path.GetFileNameWithoutExtension(f), Parse);
    }

    /// <summary>Writes a record.</summary>
    public void Write(string podUid, CniRecord record)
    {
        var draft = Path.Combine(folder, podUid + ".new");
        using (var file = File.Create(draft))
        {
            JsonSerializer.Serialize(file, new Stored(record.Configuration.File, record.Configuration.Text, record.Version, [.. record.Folders],
                record.Attachment.Namespace, record.Attachment.Arguments, record.Attachment.Runtime, [.. record.Ports], record.Last, record.Result is not null));
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, PathOf(podUid), overwrite: true);
    }

    /// <summary>Removes a record.</summary>
    public void Remove(string podUid) => File.Delete(PathOf(podUid));

    private string PathOf(string podUid) => Path.Combine(folder, podUid + Extension);

    private static CniRecord? Parse(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<Stored>(File.ReadAllBytes(file)) is { } stored
                ? new CniRecord(CniConfiguration.Read(stored.File, stored.Text), stored.Version, [.. stored.Folders],
                    new CniAttachment(Path.GetFileNameWithoutExtension(file), stored.Namespace, stored.Arguments, stored.Runtime), [.. stored.Ports],
                    stored.Last, stored is { IsWhole: true, Last: { } last } ? CniResult.Of(last) : null)
                : null;
        }
        catch (Exception e) when (e is JsonException or NetworkException or ArgumentNullException)
        {
            return null;
        }
    }

    private sealed record Stored(string File, string Text, string Version, string[] Folders, string Namespace, string Arguments, JsonObject Runtime, HostPort[] Ports, JsonObject? Last, bool IsWhole);
}
