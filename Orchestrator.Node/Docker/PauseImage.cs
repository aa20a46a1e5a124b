using System.Buffers.Binary;
using System.Formats.Tar;
using System.Runtime.InteropServices;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Orchestrator.Node.Docker;

/// <summary>The sandbox's image: one program that sleeps for ever, made here so that no registry is needed.</summary>
internal static class PauseImage
{
    /// <summary>Its name.</summary>
    public const string Name = "orchestrator/pause:1";

    private const int HeaderSize = 64 + 56;
    private const ulong Base = 0x400000;

    /// <summary>Makes the image present.</summary>
    public static async Task EnsureAsync(DockerClient docker, CancellationToken cancellation)
    {
        try
        {
            await docker.Images.InspectImageAsync(Name, cancellation).ConfigureAwait(false);
        }
        catch (DockerImageNotFoundException)
        {
            using var tar = Archive();
            await docker.Images.CreateImageAsync(
                new ImagesCreateParameters { FromSrc = "-", Repo = Name.Split(':')[0], Tag = Name.Split(':')[1] },
                tar, new AuthConfig(), new Progress<JSONMessage>(), cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>A static ELF executable whose only act is to wait.</summary>
    public static byte[] Program(Architecture architecture)
    {
        byte[] code = architecture switch
        {
            // again: mov eax, 34 (pause); syscall; jmp again
            Architecture.X64 => [0xB8, 34, 0, 0, 0, 0x0F, 0x05, 0xEB, 0xF7],

            // again: mov x0..x3, 0; mov x8, 73 (ppoll); svc 0; b again
            Architecture.Arm64 => [0x00, 0, 0x80, 0xD2, 0x01, 0, 0x80, 0xD2, 0x02, 0, 0x80, 0xD2, 0x03, 0, 0x80, 0xD2, 0x28, 0x09, 0x80, 0xD2, 0x01, 0, 0, 0xD4, 0xFA, 0xFF, 0xFF, 0x17],
            _ => throw new PlatformNotSupportedException($"There is no pause program for {architecture}."),
        };
        var elf = new byte[HeaderSize + code.Length];
        ReadOnlySpan<byte> magic = [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0];
        magic.CopyTo(elf);
        var span = elf.AsSpan();
        BinaryPrimitives.WriteUInt16LittleEndian(span[16..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(span[18..], (ushort)(architecture == Architecture.X64 ? 62 : 183));
        BinaryPrimitives.WriteUInt32LittleEndian(span[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(span[24..], Base + HeaderSize);
        BinaryPrimitives.WriteUInt64LittleEndian(span[32..], 64);
        BinaryPrimitives.WriteUInt16LittleEndian(span[52..], 64);
        BinaryPrimitives.WriteUInt16LittleEndian(span[54..], 56);
        BinaryPrimitives.WriteUInt16LittleEndian(span[56..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(span[64..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(span[68..], 5);
        BinaryPrimitives.WriteUInt64LittleEndian(span[80..], Base);
        BinaryPrimitives.WriteUInt64LittleEndian(span[88..], Base);
        BinaryPrimitives.WriteUInt64LittleEndian(span[96..], (ulong)elf.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(span[104..], (ulong)elf.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(span[112..], 0x1000);
        code.CopyTo(elf, HeaderSize);
        return elf;
    }

    private static MemoryStream Archive()
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "pause")
            {
                DataStream = new MemoryStream(Program(RuntimeInformation.OSArchitecture)),
                Mode = (UnixFileMode)0b111_101_101,
            });
        }

        tar.Position = 0;
        return tar;
    }
}
