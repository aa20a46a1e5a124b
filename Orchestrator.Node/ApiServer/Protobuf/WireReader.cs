using System.Buffers.Binary;
using System.Text;

namespace Orchestrator.Node.ApiServer.Protobuf;

/// <summary>One protobuf field as it lies on the wire: a number, or bytes.</summary>
internal readonly record struct WireField(int Number, ulong Value, ReadOnlyMemory<byte>? Bytes)
{
    private static readonly UTF8Encoding Strict = new(false, true);

    public ReadOnlyMemory<byte> Message => Bytes ?? throw new FormatException($"field {Number} must be length-delimited");

    public ulong Number64 => Bytes is null ? Value : throw new FormatException($"field {Number} must be a number");

    public string Text => Strict.GetString(Message.Span);
}

/// <summary>Reads the protobuf wire format; every read is checked against what is left.</summary>
internal static class WireReader
{
    public static IEnumerable<WireField> Fields(ReadOnlyMemory<byte> data)
    {
        var at = 0;
        while (at < data.Length)
        {
            var key = Varint(data.Span, ref at);
            if (key >> 3 is 0 or > 536870911)
            {
                throw new FormatException("a field number is out of range");
            }

            var number = (int)(key >> 3);
            yield return (key & 7) switch
            {
                0 => new(number, Varint(data.Span, ref at), null),
                1 => new(number, BinaryPrimitives.ReadUInt64LittleEndian(Take(data, ref at, 8).Span), null),
                2 => new(number, 0, Take(data, ref at, Varint(data.Span, ref at))),
                5 => new(number, BinaryPrimitives.ReadUInt32LittleEndian(Take(data, ref at, 4).Span), null),
                var type => throw new FormatException($"field {number} has the unknown wire type {type}"),
            };
        }
    }

    /// <summary>The numbers of a packed list.</summary>
    public static IEnumerable<ulong> Packed(ReadOnlyMemory<byte> data)
    {
        for (var at = 0; at < data.Length;)
        {
            yield return Varint(data.Span, ref at);
        }
    }

    private static ReadOnlyMemory<byte> Take(ReadOnlyMemory<byte> data, ref int at, ulong length)
    {
        if (length > (ulong)(data.Length - at))
        {
            throw new FormatException("a field is longer than the message that holds it");
        }

        var taken = data.Slice(at, (int)length);
        at += (int)length;
        return taken;
    }

    private static ulong Varint(ReadOnlySpan<byte> data, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (at >= data.Length)
            {
                throw new FormatException("the message ends inside a number");
            }

            var next = data[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new FormatException("a number is longer than ten bytes");
    }
}
