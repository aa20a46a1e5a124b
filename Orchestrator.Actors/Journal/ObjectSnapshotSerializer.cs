using System.Text.Encodings.Web;
using System.Text.Json;
using Akka.Actor;
using Akka.Serialization;

namespace Orchestrator.Actors.Journal;

/// <summary>Serializes snapshots as JSON.</summary>
public sealed class ObjectSnapshotSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    internal const string Name = "object.snapshot.1";
    internal const int Number = 7101;

    /// <inheritdoc/>
    public override int Identifier => Number;

    // The object's JSON is a string in JSON; minimal escaping keeps it short and readable.
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => Encode((ObjectSnapshot)obj);

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => manifest == Name
        ? Decode(bytes)
        : throw new ArgumentException($"Snapshot {manifest} is of a version that this program does not know.", nameof(manifest));

    /// <inheritdoc/>
    public override string Manifest(object o) => Name;

    internal static byte[] Encode(ObjectSnapshot snapshot) => JsonSerializer.SerializeToUtf8Bytes(snapshot, Options);

    internal static ObjectSnapshot Decode(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize<ObjectSnapshot>(bytes, Options)!;
}
