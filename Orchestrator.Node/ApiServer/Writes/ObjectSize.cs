using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>Limits the size of objects. Every watcher of a kind, every cache and every snapshot holds whole objects.</summary>
internal static class ObjectSize
{
    /// <summary>Maximum size of an object as JSON, in bytes: the limit of a request to etcd, and so that of Kubernetes.</summary>
    public const int Limit = 1536 * 1024;

    // Defaults make an object at most so many times as large, except those of a custom kind.
    private const int Growth = 48;

    /// <summary>Checks a new object or a new version.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="o">The whole object.</param>
    /// <param name="current">The present version; null for a new object.</param>
    /// <param name="sent">Bytes that the client sent; null if it did not say.</param>
    /// <exception cref="ApiException">413: the object is too large, and not smaller than before.</exception>
    public static void Check(ResourceDefinition kind, JsonObject o, KubeObject? current, long? sent)
    {
        var before = current?.Json.Length ?? 0;
        if (kind.Model is not null && before + (sent * Growth) <= Limit)
        {
            return;
        }

        var size = Count(o);
        if (size > Limit && size >= before)
        {
            throw new ApiException(ApiReason.RequestEntityTooLarge, $"the object has {size} bytes as JSON; the limit is {Limit}. Split it into several objects");
        }
    }

    private static long Count(JsonObject o)
    {
        var counter = new Counter();
        using var writer = new Utf8JsonWriter(counter);
        o.WriteTo(writer);
        writer.Flush();
        return counter.Written;
    }

    private sealed class Counter : IBufferWriter<byte>
    {
        private byte[] _buffer = new byte[4096];

        public long Written { get; private set; }

        public void Advance(int count) => Written += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => Room(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => Room(sizeHint);

        private byte[] Room(int sizeHint) => _buffer.Length >= sizeHint ? _buffer : _buffer = new byte[sizeHint];
    }
}
