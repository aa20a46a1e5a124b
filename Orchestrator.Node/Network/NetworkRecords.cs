using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Orchestrator.Node.Agent;

namespace Orchestrator.Node.Network;

/// <summary>Which pod has which address and which ports of the host: a file for each pod, written before the pod uses them, so that a process that is killed loses and leaks none.</summary>
/// <param name="folder">Folder of the files.</param>
internal sealed class NetworkRecords(string folder)
{
    private const string Extension = ".json";

    /// <summary>Whether a folder has any.</summary>
    public static bool Any(string folder) => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*" + Extension).Any();

    /// <summary>The records by uid of the pod. One that cannot be read belongs to a pod that was never told its address.</summary>
    public IReadOnlyDictionary<string, NetworkRecord> Read()
    {
        Directory.CreateDirectory(folder);
        var found = new Dictionary<string, NetworkRecord>();
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            if (Path.GetExtension(file) == Extension && Parse(file) is { } record)
            {
                found[Path.GetFileNameWithoutExtension(file)] = record;
            }
            else
            {
                File.Delete(file);
            }
        }

        return found;
    }

    /// <summary>Writes a record.</summary>
    public void Write(string podUid, NetworkRecord record)
    {
        var draft = Path.Combine(folder, podUid + ".new");
        File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(new Stored(record.Addresses.First.ToString(), [.. record.Ports], record.Addresses.Second?.ToString())));
        File.Move(draft, PathOf(podUid), overwrite: true);
    }

    /// <summary>Removes a record.</summary>
    public void Remove(string podUid) => File.Delete(PathOf(podUid));

    private string PathOf(string podUid) => Path.Combine(folder, podUid + Extension);

    private static NetworkRecord? Parse(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<Stored>(File.ReadAllBytes(file)) is { } stored && IPAddress.TryParse(stored.Address, out var address)
                ? new NetworkRecord(new PodAddresses(address, IPAddress.TryParse(stored.Second, out var second) ? second : null), [.. stored.Ports]) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Stored(string Address, HostPort[] Ports, string? Second = null);
}

/// <summary>What a pod has of the network of its host.</summary>
/// <param name="Addresses">Its addresses.</param>
/// <param name="Ports">Its ports on the host.</param>
internal sealed record NetworkRecord(PodAddresses Addresses, ImmutableArray<HostPort> Ports);
