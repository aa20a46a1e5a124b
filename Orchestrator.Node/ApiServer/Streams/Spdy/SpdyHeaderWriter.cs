using System.Buffers.Binary;
using System.Text;

namespace Orchestrator.Node.ApiServer.Streams.Spdy;

/// <summary>Writes header blocks. They are a zlib stream too, of stored blocks: what the server says is short.</summary>
internal sealed class SpdyHeaderWriter
{
    private bool _hasBegun;

    /// <summary>Writes a block.</summary>
    public byte[] Write(IReadOnlyDictionary<string, string> headers)
    {
        using var plain = new MemoryStream();
        Number(plain, headers.Count);
        foreach (var (name, value) in headers)
        {
            foreach (var text in (string[])[name, value])
            {
                var bytes = Encoding.UTF8.GetBytes(text);
                Number(plain, bytes.Length);
                plain.Write(bytes);
            }
        }

        // 32 KiB window, no dictionary. The empty block flushes the reader: without it, Go's waits for more.
        byte[] block = [.. _hasBegun ? (ReadOnlySpan<byte>)[] : [0x78, 0x01], .. Stored(plain.ToArray()), .. Stored([])];
        _hasBegun = true;
        return block;
    }

    /// <summary>Text as a stored block of a deflate stream that goes on (RFC 1951, 3.2.4).</summary>
    internal static byte[] Stored(ReadOnlySpan<byte> text)
    {
        var block = new byte[text.Length + 5];
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(1), checked((ushort)text.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(3), (ushort)~text.Length);
        text.CopyTo(block.AsSpan(5));
        return block;
    }

    private static void Number(MemoryStream stream, int number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        stream.Write(bytes);
    }
}
