using Grpc.Core;

namespace Orchestrator.Samples.CsiLoop;

/// <summary>The files of the volumes, in one folder.</summary>
/// <param name="folder">The folder.</param>
internal sealed class LoopImages(string folder)
{
    /// <summary>Size of a volume for which none is asked, and the least.</summary>
    public const long UsualBytes = 16 << 20;

    /// <summary>Path of the file of a volume.</summary>
    /// <exception cref="RpcException">The id is none of this driver.</exception>
    public string PathOf(string id, bool isEphemeral = false) => id.Length is > 0 and <= 128 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-') ? Path.Combine(folder, id + (isEphemeral ? ".ephemeral" : "") + ".img")
        : throw new RpcException(new Status(StatusCode.InvalidArgument, $"\"{id}\" is not the id of a volume"));

    /// <summary>Whether a volume is there.</summary>
    public bool Exists(string id) => File.Exists(PathOf(id));

    /// <summary>Bytes that are not promised to anybody.</summary>
    public long Free
    {
        get
        {
            Directory.CreateDirectory(folder);
            return Math.Max(0, new DriveInfo(folder).AvailableFreeSpace - Directory.GetFiles(folder, "*.img").Sum(f => new FileInfo(f).Length));
        }
    }

    /// <summary>Makes a volume, unless it is there.</summary>
    /// <returns>Its size.</returns>
    public async Task<long> CreateAsync(string id, long bytes, long limit, bool isEphemeral = false)
    {
        var (path, size) = (PathOf(id, isEphemeral), Math.Max(bytes, UsualBytes));
        if (File.Exists(path))
        {
            var has = new FileInfo(path).Length;
            return has >= bytes && (limit == 0 || has <= limit) ? has : throw new RpcException(new Status(StatusCode.AlreadyExists, $"volume {id} has {has} bytes"));
        }

        if (limit > 0 && limit < size || size > Free)
        {
            throw new RpcException(new Status(StatusCode.OutOfRange, $"volumes have {UsualBytes} to {Free} bytes here"));
        }

        Directory.CreateDirectory(folder);
        var draft = path + ".new";
        await using (var file = new FileStream(draft, FileMode.Create))
        {
            file.SetLength(size);
        }

        await HostCommand.RunAsync("mkfs.ext4", "-q", "-F", "-m", "0", draft);
        File.Move(draft, path);
        return size;
    }

    /// <summary>Deletes a volume, unless it is gone.</summary>
    public async Task DeleteAsync(string id, bool isEphemeral = false)
    {
        var path = PathOf(id, isEphemeral);
        if (File.Exists(path) && (await DeviceAsync(path)).Length > 0)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, $"volume {id} is in use"));
        }

        File.Delete(path);
    }

    /// <summary>Makes the file of a volume larger. The file system follows on the node.</summary>
    public long Grow(string id, long bytes)
    {
        using var file = new FileStream(Existing(id), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        if (file.Length < bytes)
        {
            file.SetLength(bytes);
        }

        return file.Length;
    }

    /// <summary>Makes the file system of a mounted volume as large as its file.</summary>
    public async Task<long> ResizeAsync(string id)
    {
        var path = Existing(id);
        var device = await DeviceAsync(path);
        if (device.Length > 0)
        {
            await HostCommand.RunAsync("losetup", "--set-capacity", device);
            await HostCommand.RunAsync("resize2fs", device);
        }

        return new FileInfo(path).Length;
    }

    /// <summary>Mounts a volume on a folder, unless it is. A file that became larger while nobody had it gets its file system here.</summary>
    public static async Task MountAsync(string image, string target, IEnumerable<string> options)
    {
        if (!HostCommand.IsMounted(target))
        {
            if (FileSystemBytes(image) < new FileInfo(image).Length && (await DeviceAsync(image)).Length == 0)
            {
                await HostCommand.RunAsync("e2fsck", "-f", "-p", image);
                await HostCommand.RunAsync("resize2fs", image);
            }

            Directory.CreateDirectory(target);
            await HostCommand.RunAsync("mount", "-o", string.Join(',', options.Prepend("loop")), image, target);
        }
    }

    /// <summary>Path of the file of a volume that is there.</summary>
    public string Existing(string id) => Exists(id) ? PathOf(id) : throw new RpcException(new Status(StatusCode.NotFound, $"there is no volume {id}"));

    // Of the superblock: the number of blocks and their size.
    private static long FileSystemBytes(string image)
    {
        var block = new byte[1024];
        using var file = File.OpenHandle(image, share: FileShare.ReadWrite);
        RandomAccess.Read(file, block, 1024);
        return (long)BitConverter.ToUInt32(block, 4) * (1024L << BitConverter.ToInt32(block, 24));
    }

    private static async Task<string> DeviceAsync(string path) => (await HostCommand.RunAsync("losetup", "-n", "-O", "NAME", "-j", path)).Split('\n')[0].Trim();
}
