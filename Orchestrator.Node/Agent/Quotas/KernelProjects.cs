using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Node.Agent.Quotas;

/// <summary>The projects of file systems that the kernel has mounted: ext4 with the features project and quota, and xfs, with the mount option prjquota (<c>man 8 mount</c>).</summary>
internal sealed class KernelProjects : IProjects
{
    /// <inheritdoc/>
    public bool AreEnforced(string folder)
    {
        using var handle = QuotaCalls.Open(folder);
        return handle is not null && QuotaCalls.AreEnforced(handle);
    }

    /// <inheritdoc/>
    public uint Of(string folder) => Ask(folder, QuotaCalls.ProjectOf);

    /// <inheritdoc/>
    public void Give(string folder, uint project) => Ask<bool>(folder, handle => QuotaCalls.Give(handle, project) ? true : null);

    /// <inheritdoc/>
    public long FilesOf(string folder, uint project) => Ask(folder, handle => QuotaCalls.FilesOf(handle, project));

    /// <inheritdoc/>
    public void Limit(string folder, uint project, long bytes) => Ask<bool>(folder, handle => QuotaCalls.Limit(handle, project, bytes) ? true : null);

    // The error is read before the handle is closed, which has one of its own.
    private static T Ask<T>(string folder, Func<SafeFileHandle, T?> call) where T : struct
    {
        using var handle = QuotaCalls.Open(folder) ?? throw QuotaCalls.Failed(folder);
        return call(handle) ?? throw QuotaCalls.Failed(folder);
    }
}
