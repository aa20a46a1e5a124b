using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using CsCheck;
using Orchestrator.Node.ApiServer.Streams.Spdy;

namespace Orchestrator.Tests.ApiServer.Streams;

public sealed class SpdySpec
{
    // streamtype: error, compressed by zlib with the dictionary of SPDY/3.
    private const string First = "78f9e3c6a7c202a62346703a2b294a4dcc851625aca9a08006000000ffff";
    private static readonly CancellationToken Bound = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public void The_dictionary_is_that_of_the_protocol()
    {
        var (a, b) = (1u, 0u);
        foreach (var x in SpdyHeaderReader.Dictionary)
        {
            (a, b) = ((a + x) % 65521, (b + ((a + x) % 65521)) % 65521);
        }

        Assert.Equal(0xE3C6A7C2, (b << 16) | a);
    }

    [Fact]
    public void What_a_reader_of_zlib_reads_is_what_was_written() => Gen.Dictionary(Gen.String.AlphaNumeric, Gen.String).Array[1, 4].Sample(blocks =>
    {
        var writer = new SpdyHeaderWriter();
        using var all = new MemoryStream();
        foreach (var block in blocks)
        {
            all.Write(writer.Write(block));
        }

        all.Position = 0;
        using var inflated = new ZLibStream(all, CompressionMode.Decompress);
        Assert.All(blocks, block => Assert.Equal(block, ReadBlock(inflated)));
    }, iter: 100);

    [Fact]
    public async Task A_client_opens_streams_and_both_sides_write()
    {
        await using var pair = new Pair();
        await pair.SendAsync(Syn(1, First));
        var stream = await pair.Server.Opened.ReadAsync(Bound);
        Assert.Equal((1, "error"), (stream.Id, stream.Header("streamtype")));
        var reply = await pair.FrameAsync();
        Assert.Equal((2, 1), (reply.Type, BinaryPrimitives.ReadInt32BigEndian(reply.Body)));

        await pair.SendAsync([0, 0, 0, 1, 1, 0, 0, 2, .. "hi"u8]);
        Assert.Equal("hi", Encoding.UTF8.GetString((await stream.ReadAsync(Bound)).Span));
        Assert.True((await stream.ReadAsync(Bound)).IsEmpty);
        await stream.WriteAsync("yo"u8.ToArray(), Bound);
        await stream.EndAsync(Bound);
        Assert.Equal((-1, "yo"), await pair.FrameAsync() is var data ? (data.Type, Encoding.UTF8.GetString(data.Body)) : default);
        Assert.Equal((-1, 0, 1), await pair.FrameAsync() is var end ? (end.Type, end.Body.Length, end.Flags) : default);
    }

    [Fact]
    public async Task A_ping_is_answered_and_what_is_not_known_is_passed_over()
    {
        await using var pair = new Pair();
        await pair.SendAsync([0x80, 3, 0, 4, 0, 0, 0, 4, 0, 0, 0, 0]);
        await pair.SendAsync([0x80, 3, 0, 9, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 9]);
        await pair.SendAsync([0, 0, 0, 77, 0, 0, 0, 1, 5]);
        await pair.SendAsync([0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 5]);
        Assert.Equal((6, 5), await pair.FrameAsync() is var pong ? (pong.Type, BinaryPrimitives.ReadInt32BigEndian(pong.Body)) : default);
        Assert.False(pair.Server.Gone.IsCancellationRequested);
    }

    [Theory]
    [InlineData("8003000100ffffff")] // larger than any control frame may be
    [InlineData("80030001000000060000000100000000")] // no headers
    [InlineData("800300010000000e0000000100000000000078bb")] // headers that end early
    [InlineData("80030007000000080000000000000000")] // the client leaves
    [InlineData("474554202f20485454502f312e310d0a")] // no SPDY at all
    [InlineData("80")]
    public async Task A_client_that_speaks_something_else_is_left(string bytes)
    {
        await using var pair = new Pair();
        await pair.SendAsync(Convert.FromHexString(bytes));
        await pair.CloseAsync();
        await Assert.ThrowsAsync<System.Threading.Channels.ChannelClosedException>(async () => await pair.Server.Opened.ReadAsync(Bound));
        Assert.True(pair.Server.Gone.IsCancellationRequested || pair.Server.Gone.WaitHandle.WaitOne(TimeSpan.FromSeconds(10)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public async Task A_stream_has_an_odd_number_of_its_own(int second)
    {
        await using var pair = new Pair();
        await pair.SendAsync(Syn(1, First));
        await pair.Server.Opened.ReadAsync(Bound);
        await pair.SendAsync([0x80, 3, 0, 1, 0, 0, 0, 15, 0, 0, 0, (byte)second, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]);
        await Assert.ThrowsAsync<System.Threading.Channels.ChannelClosedException>(async () => await pair.Server.Opened.ReadAsync(Bound));
    }

    [Fact]
    public async Task A_stream_that_the_client_resets_is_over_for_both()
    {
        await using var pair = new Pair();
        await pair.SendAsync(Syn(1, First));
        var stream = await pair.Server.Opened.ReadAsync(Bound);
        await pair.SendAsync([0x80, 3, 0, 3, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 5]);
        Assert.True((await stream.ReadAsync(Bound)).IsEmpty);
        Assert.True(stream.WasReset.WaitHandle.WaitOne(TimeSpan.FromSeconds(10)));
        Assert.False(pair.Server.Gone.IsCancellationRequested);
    }

    [Fact]
    public async Task A_stream_that_nobody_reads_holds_nobody_up()
    {
        await using var pair = new Pair();
        await pair.SendAsync(Syn(1, First));
        (await pair.Server.Opened.ReadAsync(Bound)).Abandon();
        await pair.FrameAsync();
        for (var i = 0; i < 100; i++)
        {
            await pair.SendAsync([0, 0, 0, 1, 0, 0, 0, 1, 7]);
        }

        await pair.SendAsync([0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 5]);
        Assert.Equal(6, (await pair.FrameAsync()).Type);
    }

    [Fact]
    public void A_block_that_grows_too_large_is_refused()
    {
        var writer = new SpdyHeaderWriter();
        var block = writer.Write(Enumerable.Range(0, 9).ToDictionary(i => $"name-{i}", _ => new string('x', 2_000)));
        using var reader = new SpdyHeaderReader();

        // Stored blocks need no dictionary: its checksum takes the place of four bytes more.
        Assert.Throws<InvalidDataException>(() => reader.Read([.. block.AsSpan(0, 2), 0, 0, 0, 0, .. block.AsSpan(2)]));
    }

    [Fact]
    public async Task Whatever_is_sent_ends_in_time_and_throws_nothing() => await Gen.Byte.Array[0, 200].SampleAsync(async bytes =>
    {
        await using var pair = new Pair();
        await pair.SendAsync(bytes);
        await pair.CloseAsync();
        await foreach (var _ in pair.Server.Opened.ReadAllAsync(Bound))
        {
        }
    }, iter: 300);

    private static byte[] Syn(byte id, string block) => [0x80, 3, 0, 1, 0, 0, 0, (byte)(10 + (block.Length / 2)), 0, 0, 0, id, 0, 0, 0, 0, 0, 0, .. Convert.FromHexString(block)];

    private static Dictionary<string, string> ReadBlock(Stream stream)
    {
        var headers = new Dictionary<string, string>();
        for (var left = Number(stream); left > 0; left--)
        {
            headers[Text(stream)] = Text(stream);
        }

        return headers;
    }

    private static string Text(Stream stream)
    {
        var bytes = new byte[Number(stream)];
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private static int Number(Stream stream)
    {
        var bytes = new byte[4];
        stream.ReadExactly(bytes);
        return BinaryPrimitives.ReadInt32BigEndian(bytes);
    }

    /// <summary>A server and the client's end of its connection.</summary>
    private sealed class Pair : IAsyncDisposable
    {
        private readonly Pipe _up = new();
        private readonly Pipe _down = new();

        public Pair() => Server = new SpdyConnection(new Duplex(_up.Reader.AsStream(), _down.Writer.AsStream()));

        public SpdyConnection Server { get; }

        public async Task SendAsync(byte[] bytes) => await _up.Writer.WriteAsync(bytes, Bound);

        public async Task CloseAsync() => await _up.Writer.CompleteAsync();

        /// <summary>The next frame of the server: its type, -1 for data.</summary>
        public async Task<(int Type, byte[] Body, byte Flags)> FrameAsync()
        {
            var stream = _down.Reader.AsStream(leaveOpen: true);
            var head = new byte[8];
            await stream.ReadExactlyAsync(head, Bound);
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4)) & 0xFF_FFFF];
            await stream.ReadExactlyAsync(body, Bound);
            return (head[0] == 0x80 ? head[3] : -1, body, head[4]);
        }

        public async ValueTask DisposeAsync()
        {
            await _up.Writer.CompleteAsync();
            await Server.DisposeAsync();
        }
    }

    private sealed class Duplex(Stream input, Stream output) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => input.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => output.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
