using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Orchestrator.Node.ApiServer.Streams.Spdy;

/// <summary>Reads the header blocks of one direction of a connection. They are one zlib stream with a dictionary that both sides know (SPDY/3, 2.6.10).</summary>
internal sealed class SpdyHeaderReader : IDisposable
{
    private const int MaxPairs = 100;
    private const int MaxText = 16 * 1024;
    private const int ZlibHeader = 6;
    private readonly Feed _feed = new();
    private readonly DeflateStream _inflated;
    private bool _hasBegun;
    private int _left;

    public SpdyHeaderReader()
    {
        _inflated = new DeflateStream(_feed, CompressionMode.Decompress);

        // The class library sets no dictionary, but a stored block with its text puts the same into the window.
        _feed.Add(SpdyHeaderWriter.Stored(Dictionary));
        _inflated.ReadExactly(new byte[Dictionary.Length]);
    }

    /// <summary>The text that most headers are taken from.</summary>
    internal static byte[] Dictionary { get; } = MakeDictionary();

    /// <summary>Reads a block: names, in lower case, and values.</summary>
    /// <exception cref="InvalidDataException">It is no header block.</exception>
    public Dictionary<string, string> Read(ReadOnlySpan<byte> block)
    {
        // Once, at the beginning: two bytes of header and the checksum of the dictionary.
        _feed.Add(_hasBegun ? block : block.Length >= ZlibHeader ? block[ZlibHeader..] : throw new InvalidDataException("a header block is too short"));
        _hasBegun = true;
        _left = MaxText;
        var pairs = Number(MaxPairs);
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < pairs; i++)
        {
            var name = Text();
            headers[name] = Text();
        }

        return headers;
    }

    /// <inheritdoc/>
    public void Dispose() => _inflated.Dispose();

    private string Text()
    {
        var bytes = new byte[Number(_left)];
        _left -= bytes.Length;
        Fill(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private int Number(int most)
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes);
        var number = BinaryPrimitives.ReadInt32BigEndian(bytes);
        return number >= 0 && number <= most ? number : throw new InvalidDataException("a header block names a length that is too large");
    }

    // As much as is needed and no more: where the block ends the stream has not ended.
    private void Fill(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var read = _inflated.Read(bytes);
            bytes = read > 0 ? bytes[read..] : throw new InvalidDataException("a header block ends early");
        }
    }

    private static byte[] MakeDictionary()
    {
        string[] names =
        [
            "options", "head", "post", "put", "delete", "trace", "accept", "accept-charset", "accept-encoding", "accept-language", "accept-ranges", "age", "allow",
            "authorization", "cache-control", "connection", "content-base", "content-encoding", "content-language", "content-length", "content-location", "content-md5",
            "content-range", "content-type", "date", "etag", "expect", "expires", "from", "host", "if-match", "if-modified-since", "if-none-match", "if-range",
            "if-unmodified-since", "last-modified", "location", "max-forwards", "pragma", "proxy-authenticate", "proxy-authorization", "range", "referer", "retry-after",
            "server", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "vary", "via", "warning", "www-authenticate", "method", "get", "status", "200 OK",
            "version", "HTTP/1.1", "url", "public", "set-cookie", "keep-alive", "origin",
        ];
        const string Rest = "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative Information204 No Content"
            + "301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
            + "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,"
            + "application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.";
        using var bytes = new MemoryStream();
        Span<byte> length = stackalloc byte[4];
        foreach (var name in names)
        {
            BinaryPrimitives.WriteInt32BigEndian(length, name.Length);
            bytes.Write(length);
            bytes.Write(Encoding.ASCII.GetBytes(name));
        }

        bytes.Write(Encoding.ASCII.GetBytes(Rest));
        return bytes.ToArray();
    }

    /// <summary>A stream of what has been added.</summary>
    private sealed class Feed : Stream
    {
        private readonly MemoryStream _added = new();
        private int _taken;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void Add(ReadOnlySpan<byte> bytes)
        {
            if (_taken == _added.Length)
            {
                _taken = 0;
                _added.SetLength(0);
            }

            _added.Position = _added.Length;
            _added.Write(bytes);
        }

        public override int Read(Span<byte> buffer)
        {
            _added.Position = _taken;
            var read = _added.Read(buffer);
            _taken += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
