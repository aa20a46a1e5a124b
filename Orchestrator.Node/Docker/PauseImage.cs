using System.Buffers.Binary;
using System.Formats.Tar;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Docker.DotNet;
using Docker.DotNet.Models;
using Orchestrator.Node.Agent;

namespace Orchestrator.Node.Docker;

/// <summary>The pause image of sandboxes: a program that sleeps until it is stopped. Built here so that no registry is needed.</summary>
internal static class PauseImage
{
    /// <summary>Path of the program in the image.</summary>
    public const string Path = "/pause";

    /// <summary>Name of the image.</summary>
    public const string Name = "orchestrator/pause:3";

    private const int HeaderSize = 64 + 56;
    private const ulong Base = 0x400000;

    /// <summary>Creates the image if it is missing. Sandboxes are made of the id that it returns and not of the name: a program that begins in the network of the host must be this one, whatever
    /// somebody pulls or loads under the name.</summary>
    /// <returns>The engine's id of the image.</returns>
    public static async Task<string> EnsureAsync(DockerClient docker, CancellationToken cancellation)
    {
        using var tar = Archive(Program(RuntimeInformation.OSArchitecture));
        var layer = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(tar))}";
        tar.Position = 0;
        try
        {
            var found = await docker.Images.InspectImageAsync(Name, cancellation).ConfigureAwait(false);
            if (found.RootFS?.Layers is [var only] && only == layer)
            {
                return found.ID;
            }
        }
        catch (DockerImageNotFoundException)
        {
            // Created below.
        }

        var imported = new Imported();
        await docker.Images.CreateImageAsync(
            new ImagesCreateParameters { FromSrc = "-", Repo = Name.Split(':')[0], Tag = Name.Split(':')[1] }, tar, new AuthConfig(), imported, cancellation).ConfigureAwait(false);
        return imported.Id ?? throw new RuntimeUnavailableException($"Docker does not say which image it has made of {Name}");
    }

    /// <summary>A static ELF executable that waits for SIGTERM or SIGINT and exits. With the path of a network namespace as its argument it enters that one first, gives up its capabilities, and
    /// exits with 1 if it cannot. It is not dumpable, so nobody can trace it who may not trace everything. It blocks the signals and waits for them, because
    /// PID 1 does not receive signals without handlers and the engine would wait for the whole stop timeout of each pod. It ignores SIGCHLD, so that
    /// the kernel removes the processes that it inherits in a shared process namespace.</summary>
    public static byte[] Program(Architecture architecture)
    {
        byte[] code = architecture switch
        {
            Architecture.X64 =>
            [
                0xB8, 157, 0, 0, 0, // mov eax, prctl
                0xBF, 4, 0, 0, 0, // mov edi, PR_SET_DUMPABLE
                0x31, 0xF6, // xor esi, esi: no
                0x0F, 0x05, // syscall
                0x83, 0x3C, 0x24, 2, // cmp dword [rsp], 2: is there an argument?
                0x72, 0x40, // jb wait
                0x48, 0x8B, 0x7C, 0x24, 16, // mov rdi, [rsp+16]: it
                0x31, 0xF6, // xor esi, esi: to read
                0xB8, 2, 0, 0, 0, // mov eax, open
                0x0F, 0x05, // syscall
                0x85, 0xC0, // test eax, eax
                0x78, 0x7D, // js fail
                0x89, 0xC7, // mov edi, eax
                0xBE, 0, 0, 0, 0x40, // mov esi, CLONE_NEWNET
                0xB8, 0x34, 1, 0, 0, // mov eax, setns
                0x0F, 0x05, // syscall
                0x85, 0xC0, // test eax, eax
                0x75, 0x6B, // jnz fail
                0x6A, 0, 0x6A, 0, 0x6A, 0, // push 0, 0, 0: no capabilities
                0x48, 0x89, 0xE6, // mov rsi, rsp
                0x68, 0x22, 0x05, 0x08, 0x20, // push version 3, of this process
                0x48, 0x89, 0xE7, // mov rdi, rsp
                0xB8, 126, 0, 0, 0, // mov eax, capset
                0x0F, 0x05, // syscall
                0x85, 0xC0, // test eax, eax
                0x75, 0x4F, // jnz fail
                0x6A, 0, 0x6A, 0, 0x6A, 0, 0x6A, 1, // wait: push 0, 0, 0, 1: mask, restorer, flags, SIG_IGN
                0xB8, 13, 0, 0, 0, // mov eax, rt_sigaction
                0xBF, 17, 0, 0, 0, // mov edi, SIGCHLD
                0x48, 0x89, 0xE6, // mov rsi, rsp
                0x31, 0xD2, // xor edx, edx
                0x6A, 8, 0x41, 0x5A, // push 8; pop r10
                0x0F, 0x05, // syscall
                0x68, 0x02, 0x40, 0, 0, // push 0x4002: SIGTERM and SIGINT
                0xB8, 14, 0, 0, 0, // mov eax, rt_sigprocmask
                0x31, 0xFF, // xor edi, edi: block
                0x48, 0x89, 0xE6, // mov rsi, rsp
                0x31, 0xD2, // xor edx, edx
                0x6A, 8, 0x41, 0x5A, // push 8; pop r10
                0x0F, 0x05, // syscall
                0xB8, 128, 0, 0, 0, // again: mov eax, rt_sigtimedwait
                0x48, 0x89, 0xE7, // mov rdi, rsp
                0x31, 0xF6, // xor esi, esi
                0x31, 0xD2, // xor edx, edx: no time limit
                0x0F, 0x05, // syscall
                0x85, 0xC0, // test eax, eax
                0x78, 0xEE, // js again
                0xB8, 60, 0, 0, 0, // mov eax, exit
                0x31, 0xFF, // xor edi, edi
                0x0F, 0x05, // syscall
                0xB8, 60, 0, 0, 0, // fail: mov eax, exit
                0xBF, 1, 0, 0, 0, // mov edi, 1
                0x0F, 0x05, // syscall
            ],
            Architecture.Arm64 => Words(
                0xD2800080, // mov x0, 4: PR_SET_DUMPABLE
                0xD2800001, // mov x1, 0: no
                0xD28014E8, // mov x8, prctl
                0xD4000001, // svc 0
                0xF94003E9, // ldr x9, [sp]
                0xF100093F, // cmp x9, 2: is there an argument?
                0x540002A3, // b.lo wait
                0x92800C60, // mov x0, AT_FDCWD
                0xF9400BE1, // ldr x1, [sp, 16]: it
                0xD2800002, // mov x2, 0: to read
                0xD2800708, // mov x8, openat
                0xD4000001, // svc 0
                0x37F80560, // tbnz w0, 31, fail
                0xD2A80001, // mov x1, CLONE_NEWNET
                0xD2802188, // mov x8, setns
                0xD4000001, // svc 0
                0x350004E0, // cbnz w0, fail
                0xA9BE7FFF, // stp xzr, xzr, [sp, -32]!: no capabilities
                0xF9000BFF, // str xzr, [sp, 16]
                0xD280A449, // mov x9, 0x522
                0xF2A40109, // movk x9, 0x2008, lsl 16: version 3, of this process
                0xF81F0FE9, // str x9, [sp, -16]!
                0x910003E0, // mov x0, sp
                0x910043E1, // add x1, sp, 16
                0xD2800B68, // mov x8, capset
                0xD4000001, // svc 0
                0x350003A0, // cbnz w0, fail
                0xD2800029, // wait: mov x9, 1: SIG_IGN
                0xF81E0FE9, // str x9, [sp, -32]!
                0xA900FFFF, // stp xzr, xzr, [sp, 8]: flags, restorer
                0xF9000FFF, // str xzr, [sp, 24]: mask
                0xD2800220, // mov x0, 17: SIGCHLD
                0x910003E1, // mov x1, sp
                0xD2800002, // mov x2, 0
                0xD2800103, // mov x3, 8
                0xD28010C8, // mov x8, rt_sigaction
                0xD4000001, // svc 0
                0xD2880049, // mov x9, 0x4002: SIGTERM and SIGINT
                0xF81F0FE9, // str x9, [sp, -16]!
                0xD2800000, // mov x0, 0: block
                0x910003E1, // mov x1, sp
                0xD2800002, // mov x2, 0
                0xD2800103, // mov x3, 8
                0xD28010E8, // mov x8, rt_sigprocmask
                0xD4000001, // svc 0
                0x910003E0, // again: mov x0, sp
                0xD2800001, // mov x1, 0
                0xD2800002, // mov x2, 0: no time limit
                0xD2800103, // mov x3, 8
                0xD2801128, // mov x8, rt_sigtimedwait
                0xD4000001, // svc 0
                0x37FFFF40, // tbnz w0, 31, again
                0xD2800000, // mov x0, 0
                0xD2800BA8, // mov x8, exit
                0xD4000001, // svc 0
                0xD2800020, // fail: mov x0, 1
                0xD2800BA8, // mov x8, exit
                0xD4000001), // svc 0
            _ => throw new PlatformNotSupportedException($"The architecture {architecture} is not supported."),
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

    private static byte[] Words(params ReadOnlySpan<uint> words)
    {
        var bytes = new byte[words.Length * sizeof(uint)];
        for (var i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), words[i]);
        }

        return bytes;
    }

    private static MemoryStream Archive(byte[] program)
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "pause")
            {
                DataStream = new MemoryStream(program),
                Mode = (UnixFileMode)0b111_101_101,
                ModificationTime = DateTimeOffset.UnixEpoch, // The same archive each time, so that its layer is known.
            });
        }

        tar.Position = 0;
        return tar;
    }

    private sealed class Imported : IProgress<JSONMessage>
    {
        public string? Id { get; private set; }

        public void Report(JSONMessage value) => Id = value.Status is { } status && status.StartsWith("sha256:", StringComparison.Ordinal) ? status : Id;
    }
}
