using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Events;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Feed.Checkpoints;

/// <summary>What a checkpoint belongs to.</summary>
/// <param name="Build">The build of the program that wrote it. Another build may apply events differently.</param>
/// <param name="Row">Digest of the journal's row at its revision (<see cref="Journal.JournalReplay.DigestOf"/>). In another journal, or in one that was
/// restored from a backup and has gone on differently, the row differs.</param>
internal sealed record CheckpointOrigin(string Build, string Row);

/// <summary>The stored form of a checkpoint: magic, origin, revision, objects by resource, recorded events, unreadable events, and the SHA-256 of
/// all that. Numbers are little-endian; texts and objects are UTF-8 with their length in front.</summary>
internal static class CheckpointFile
{
    private static readonly byte[] Magic = "orchestrator checkpoint 1\n"u8.ToArray();

    /// <summary>Writes a checkpoint in portions, each of which is on the disk before the next one is written, so that writes of the journal to the same
    /// disk do not wait behind all of it.</summary>
    /// <exception cref="IOException">The disk is full or fails.</exception>
    public static void Write(string path, CheckpointOrigin origin, CacheState state, CancellationToken cancellation)
    {
        using var output = new Output(path, cancellation);
        output.Raw(Magic);
        output.Text(origin.Build);
        output.Text(origin.Row);
        output.Number(state.Revision);
        output.Number(state.Objects.Count);
        foreach (var (resource, count, objects) in state.Objects)
        {
            output.Text(resource);
            output.Objects(count, objects);
        }

        output.Objects(state.RecordedEvents.Count, state.RecordedEvents);
        output.Number(state.Unreadable.Count);
        foreach (var unreadable in state.Unreadable)
        {
            output.Text(unreadable.PersistenceId);
            output.Number(unreadable.Revision);
            output.Text(unreadable.Reason);
        }

        output.Finish();
    }

    /// <summary>Reads and verifies a checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <param name="build">The build that must have written it.</param>
    /// <param name="rowAt">Digest of the journal's row at a revision; null if there is none.</param>
    /// <param name="registry">The kinds that are served. It learns those that the objects define.</param>
    /// <exception cref="CheckpointFormatException">The checkpoint cannot be used; the registry is as before.</exception>
    public static CacheState Read(string path, string build, Func<long, string?> rowAt, ResourceRegistry registry)
    {
        try
        {
            using var input = new Input(path);
            input.Expect(Magic);
            if (input.Text() != build)
            {
                throw new CheckpointFormatException("it was written by another build of this program");
            }

            var row = input.Text();
            var revision = input.Number();
            if (rowAt(revision) != row)
            {
                throw new CheckpointFormatException($"the journal has another history at revision {revision}");
            }

            var objects = new (string Resource, byte[][] Objects)[input.Count()];
            for (var i = 0; i < objects.Length; i++)
            {
                objects[i] = (input.Text(), input.Objects());
            }

            var events = input.Objects();
            var unreadable = new UnreadableEvent[input.Count()];
            for (var i = 0; i < unreadable.Length; i++)
            {
                unreadable[i] = new UnreadableEvent(input.Text(), input.Number(), input.Text());
            }

            input.Verify();
            return new CacheState(revision, [.. objects.Select(o => new ResourceObjects(o.Resource, o.Objects.Length, Parsed(o.Resource, o.Objects, registry)))],
                Parsed(EventDefinition.Instance, events), unreadable);
        }
        catch (Exception e) when (e is EndOfStreamException or IOException or UnauthorizedAccessException or System.Text.Json.JsonException or InvalidOperationException or ArgumentException)
        {
            throw new CheckpointFormatException(e.Message, e);
        }
    }

    private static KubeObject[] Parsed(string resource, byte[][] objects, ResourceRegistry registry)
    {
        var kind = registry.ByResource(resource) ?? throw new CheckpointFormatException($"{resource} is not served");
        var parsed = Parsed(kind, objects);
        foreach (var item in kind.Defines is null ? [] : parsed)
        {
            registry.Take(null, item);
        }

        return parsed;
    }

    private static KubeObject[] Parsed(ResourceDefinition kind, byte[][] objects) =>
        [.. objects.AsParallel().AsOrdered().Select(o => KubeObject.Stored(kind, o))];

    private sealed class Output(string path, CancellationToken cancellation) : IDisposable
    {
        private const int Portion = 4 << 20;
        private readonly FileStream _file = new(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });

        private readonly MemoryStream _portion = new(Portion + (64 << 10));
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public void Raw(ReadOnlySpan<byte> bytes)
        {
            _portion.Write(bytes);
            if (_portion.Length >= Portion)
            {
                Flush();
            }
        }

        public void Number(long number)
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
            Raw(bytes);
        }

        public void Text(string text) => Block(Encoding.UTF8.GetBytes(text));

        public void Objects(int count, IEnumerable<KubeObject> objects)
        {
            Number(count);
            foreach (var item in objects)
            {
                Block(item.Json.Span);
            }
        }

        public void Finish()
        {
            Flush();
            _file.Write(_hash.GetHashAndReset());
            _file.Flush(flushToDisk: true);
        }

        public void Dispose()
        {
            _hash.Dispose();
            _portion.Dispose();
            _file.Dispose();
        }

        private void Block(ReadOnlySpan<byte> bytes)
        {
            Number(bytes.Length);
            Raw(bytes);
        }

        private void Flush()
        {
            cancellation.ThrowIfCancellationRequested();
            var bytes = _portion.GetBuffer().AsSpan(0, (int)_portion.Length);
            _hash.AppendData(bytes);
            _file.Write(bytes);
            _file.Flush(flushToDisk: true);
            _portion.SetLength(0);
        }
    }

    private sealed class Input(string path) : IDisposable
    {
        private readonly FileStream _file = new(path, new FileStreamOptions { Access = FileAccess.Read, BufferSize = 1 << 20, Options = FileOptions.SequentialScan });
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public void Expect(byte[] magic)
        {
            if (!Take(Math.Min(magic.Length, _file.Length)).AsSpan().SequenceEqual(magic))
            {
                throw new CheckpointFormatException("it is not a checkpoint of this format");
            }
        }

        public long Number() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

        // Everything that is counted takes at least a byte, so a torn number cannot ask for more memory than the file has bytes.
        public int Count() => Number() is >= 0 and var count && count <= _file.Length - _file.Position ? (int)count : throw new EndOfStreamException($"a count at {_file.Position} is damaged");

        public string Text() => Encoding.UTF8.GetString(Block());

        public byte[][] Objects()
        {
            var objects = new byte[Count()][];
            for (var i = 0; i < objects.Length; i++)
            {
                objects[i] = Block();
            }

            return objects;
        }

        public void Verify()
        {
            var hash = _hash.GetHashAndReset();
            var stored = new byte[hash.Length];
            _file.ReadExactly(stored);
            if (!hash.AsSpan().SequenceEqual(stored) || _file.Position != _file.Length)
            {
                throw new CheckpointFormatException("its checksum does not match");
            }
        }

        public void Dispose()
        {
            _hash.Dispose();
            _file.Dispose();
        }

        private byte[] Block() => Take(Number());

        private byte[] Take(long length)
        {
            if (length < 0 || length > _file.Length - _file.Position)
            {
                throw new EndOfStreamException($"it ends at {_file.Length}, within a value that begins at {_file.Position}");
            }

            var bytes = new byte[length];
            _file.ReadExactly(bytes);
            _hash.AppendData(bytes);
            return bytes;
        }
    }
}
