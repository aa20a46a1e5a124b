using System.Collections.Concurrent;
using Akka.Event;
using Orchestrator.Actors.Logs;

namespace Orchestrator.Node.Agent.Quotas;

/// <summary>Enforces the sizes of the volumes that a node keeps in folders. A size that cannot be enforced is told in the log and holds up no pod: that is how it is on file systems without quotas.</summary>
/// <param name="quotas">The folders.</param>
/// <param name="log">Its log.</param>
internal sealed class VolumeSizes(FolderQuotas quotas, ILoggingAdapter log)
{
    // What was said of each folder last: it is looked at whenever a pod starts.
    private readonly ConcurrentDictionary<string, string> _said = [];

    /// <summary>What enforces the sizes of the volumes in a folder; null, which is told in the log, if its file system does not.</summary>
    /// <param name="volumes">The folder.</param>
    /// <param name="records">See <see cref="FolderQuotas"/>.</param>
    /// <param name="log">Its log.</param>
    public static VolumeSizes? At(string volumes, string records, ILoggingAdapter log)
    {
        var projects = new KernelProjects();
        if (projects.AreEnforced(volumes))
        {
            return new VolumeSizes(new FolderQuotas(records, projects), log);
        }

        log.Inform("The sizes of the node's own volumes are not enforced: their file system has no quotas for projects", ("folder", volumes));
        return null;
    }

    /// <summary>Enforces the size of a volume.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="bytes">Its size.</param>
    public void Bound(string folder, long bytes)
    {
        try
        {
            if (quotas.Bound(folder, bytes))
            {
                _said.TryRemove(folder, out _);
            }
            else
            {
                Say(folder, "it had files before its file system had quotas for projects, or was given to another project");
            }
        }
        catch (IOException e)
        {
            Say(folder, e.Message);
        }
    }

    /// <summary>Frees what enforced the size of a volume whose folder is deleted.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public void Release(string folder)
    {
        quotas.Release(folder);
        _said.TryRemove(folder, out _);
    }

    private void Say(string folder, string why)
    {
        if (!_said.TryGetValue(folder, out var before) || before != why)
        {
            _said[folder] = why;
            log.Warn("The size of a volume is not enforced", ("folder", folder), ("error", why));
        }
    }
}
