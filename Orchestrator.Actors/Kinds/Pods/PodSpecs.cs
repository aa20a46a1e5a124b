using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Orchestrator.Actors.Api;
using k8s;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Typed pod specs. Pods with equal specs share one, so that a thousand replicas need the memory of one.</summary>
/// <remarks>Do not modify a shared spec. It has no <c>nodeName</c>, in which replicas differ: use <see cref="KubeObject.NodeName"/>.</remarks>
internal static class PodSpecs
{
    private const int Capacity = 1_000;
    private static readonly ConcurrentDictionary<byte[], V1PodSpec> Known = new(BytesComparer.Instance);
    private static readonly ConcurrentDictionary<byte[], V1PodSpec>.AlternateLookup<ReadOnlySpan<byte>> Lookup = Known.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>Returns the spec of a pod.</summary>
    public static V1PodSpec Of(KubeObject pod) => Of(pod.Json.Span[Member(pod.Json.Span, "spec"u8)]);

    private static V1PodSpec Of(ReadOnlySpan<byte> spec)
    {
        var rented = ArrayPool<byte>.Shared.Rent(spec.Length + 2);
        try
        {
            var common = rented.AsSpan(0, WithoutNode(spec, rented));
            if (Lookup.TryGetValue(common, out var known))
            {
                return known;
            }

            if (Known.Count >= Capacity)
            {
                Known.Clear();
            }

            return Known.GetOrAdd(common.ToArray(), Read<V1PodSpec>);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static int WithoutNode(ReadOnlySpan<byte> spec, Span<byte> result)
    {
        var length = 0;
        result[length++] = (byte)'{';
        var reader = new Utf8JsonReader(spec);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            var isNode = reader.ValueTextEquals("nodeName"u8);
            reader.Read();
            reader.Skip();
            if (isNode)
            {
                continue;
            }

            if (length > 1)
            {
                result[length++] = (byte)',';
            }

            var member = spec[start..(int)reader.BytesConsumed];
            member.CopyTo(result[length..]);
            length += member.Length;
        }

        result[length++] = (byte)'}';
        return length;
    }

    /// <summary>Start and end of a member in the JSON of a pod.</summary>
    internal static Range Member(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isIt)
            {
                return start..(int)reader.BytesConsumed;
            }
        }

        throw new InvalidOperationException("A pod without metadata or spec passed validation.");
    }

    private static T Read<T>(byte[] json) => KubernetesJson.Deserialize<T>(new MemoryStream(json, writable: false))!;

    private sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly BytesComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
