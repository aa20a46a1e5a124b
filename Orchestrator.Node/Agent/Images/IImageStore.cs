using System.Collections.Immutable;

namespace Orchestrator.Node.Agent.Images;

/// <summary>The images of a runtime, as an ability of its own: a runtime that has none lacks it.</summary>
internal interface IImageStore
{
    /// <summary>The file system with the images; null if it is not one of this host.</summary>
    Task<ImageDisk?> DiskAsync(CancellationToken cancellation);

    /// <summary>All images.</summary>
    Task<IReadOnlyList<StoredImage>> ListAsync(CancellationToken cancellation);

    /// <summary>Removes an image that no container uses.</summary>
    /// <returns>Whether it is gone; false if it is in use by now.</returns>
    Task<bool> RemoveAsync(StoredImage image, CancellationToken cancellation);
}

/// <summary>Size of the file system with the images, in bytes.</summary>
internal sealed record ImageDisk(long CapacityBytes, long FreeBytes)
{
    /// <summary>How much of it is used, in percent.</summary>
    public double UsedPercent => CapacityBytes <= 0 ? 0 : 100.0 * (CapacityBytes - FreeBytes) / CapacityBytes;
}

/// <summary>An image of a runtime.</summary>
/// <param name="Id">The runtime's id.</param>
/// <param name="Names">Its names with tags and digests.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="IsUsed">Whether a container, running or not, was made from it.</param>
/// <param name="CanBePulled">Whether a registry has it. What was built or loaded on the host would be lost.</param>
internal sealed record StoredImage(string Id, ImmutableArray<string> Names, long SizeBytes, bool IsUsed, bool CanBePulled);
