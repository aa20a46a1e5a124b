using System.Collections.Immutable;

namespace Orchestrator.Node.Agent.Images;

/// <summary>What an agent knows of an image.</summary>
/// <param name="FirstSeen">When it was seen first.</param>
/// <param name="LastUsed">When a container was seen that uses it; null if never.</param>
internal sealed record ImageRecord(DateTimeOffset FirstSeen, DateTimeOffset? LastUsed);

/// <summary>Which images are to be removed. Pure.</summary>
/// <param name="BytesToFree">How much is to be freed; 0 if the disk has room.</param>
/// <param name="Candidates">Images that may be removed, in their order: what was not used for longest first.</param>
internal sealed record ImagePlan(long BytesToFree, ImmutableArray<StoredImage> Candidates)
{
    /// <summary>Nothing to remove.</summary>
    public static readonly ImagePlan Nothing = new(0, []);

    /// <summary>Takes note of the images that are there now.</summary>
    public static ImmutableDictionary<string, ImageRecord> Note(ImmutableDictionary<string, ImageRecord> before, IReadOnlyList<StoredImage> images, DateTimeOffset now) =>
        images.ToImmutableDictionary(i => i.Id, i => (before.GetValueOrDefault(i.Id) ?? new ImageRecord(now, null)) is var known && i.IsUsed ? known with { LastUsed = now } : known);

    /// <summary>Plans a pass.</summary>
    /// <param name="settings">When images are removed.</param>
    /// <param name="disk">The file system with the images.</param>
    /// <param name="images">All images.</param>
    /// <param name="records">What is known of them.</param>
    /// <param name="now">Current time.</param>
    public static ImagePlan Of(ImageGcSettings settings, ImageDisk disk, IReadOnlyList<StoredImage> images, ImmutableDictionary<string, ImageRecord> records, DateTimeOffset now)
    {
        if (settings.HighPercent >= 100 || disk.UsedPercent < settings.HighPercent)
        {
            return Nothing;
        }

        return new ImagePlan((long)Math.Ceiling((disk.CapacityBytes / 100.0 * (100 - settings.LowPercent)) - disk.FreeBytes), Unused(settings, images, records, now));
    }

    /// <summary>Plans to remove all that may be.</summary>
    public static ImagePlan All(ImageGcSettings settings, IReadOnlyList<StoredImage> images, ImmutableDictionary<string, ImageRecord> records, DateTimeOffset now) =>
        new(long.MaxValue, Unused(settings, images, records, now));

    private static ImmutableArray<StoredImage> Unused(ImageGcSettings settings, IReadOnlyList<StoredImage> images, ImmutableDictionary<string, ImageRecord> records, DateTimeOffset now) =>
        [
            .. images.Where(i => !i.IsUsed && i.CanBePulled && records.GetValueOrDefault(i.Id) is { } r && now - r.FirstSeen >= settings.Age)
                .OrderBy(i => records[i.Id].LastUsed ?? DateTimeOffset.MinValue).ThenBy(i => records[i.Id].FirstSeen).ThenBy(i => i.Id, StringComparer.Ordinal),
        ];
}
