using System.IO.Compression;

namespace Orchestrator.Tests.Kit;

/// <summary>A test of project quotas, with a row for each file system; skipped without root, without what makes file systems, or where the kernel says that it has no quotas. With
/// <c>scripts/quota-specs.sh</c> it runs in a kernel that has them.</summary>
internal sealed class QuotaTheoryAttribute : TheoryAttribute
{
    private const string Configuration = "/proc/config.gz";

    public QuotaTheoryAttribute() => Skip = !Environment.IsPrivilegedProcess ? "Not root: nothing can be mounted."
        : !File.Exists("/usr/sbin/mkfs.ext4") || !File.Exists("/usr/sbin/mkfs.xfs") ? "There is no mkfs.ext4 or mkfs.xfs: scripts/install-prerequisites.sh e2fsprogs xfsprogs."
        : Missing() is { } missing ? $"The kernel has no {missing}: see scripts/quota-specs.sh."
        : null;

    private static string? Missing()
    {
        if (!File.Exists(Configuration))
        {
            return null;
        }

        using var reader = new StreamReader(new GZipStream(File.OpenRead(Configuration), CompressionMode.Decompress));
        var all = reader.ReadToEnd();
        return new[] { "CONFIG_QFMT_V2", "CONFIG_XFS_QUOTA" }.FirstOrDefault(name => !all.Contains($"\n{name}=", StringComparison.Ordinal));
    }
}
