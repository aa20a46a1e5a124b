using System.Collections.Frozen;
using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Akka.Actor;
using Akka.Serialization;
using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.NetworkPolicies;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.ResourceQuotas;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Wire;

/// <summary>Serializes messages between hosts as JSON with stable names. A type that is not in the table cannot be sent.</summary>
public sealed class WireSerializer : SerializerWithStringManifest
{
    private static readonly FrozenDictionary<string, Type> Types = new Dictionary<string, Type>
    {
        ["create.1"] = typeof(CreateObject),
        ["replace.1"] = typeof(ReplaceObject),
        ["merge.1"] = typeof(MergeObject),
        ["bind.1"] = typeof(BindPod),
        ["delete.1"] = typeof(DeleteObject),
        ["reserve-room.1"] = typeof(ReserveRoom),
        ["release-room.1"] = typeof(ReleaseRoom),
        ["count-room.1"] = typeof(CountRoom),
        ["pod-stopped.1"] = typeof(ConfirmPodStopped),
        ["get.1"] = typeof(GetObject),
        ["wake.1"] = typeof(WakeObject),
        ["reconcile-after.1"] = typeof(ReconcileAfter),
        ["reply.1"] = typeof(CommandReply),
        ["attach.1"] = typeof(AttachAgent),
        ["attach-refused.1"] = typeof(AttachRefused),
        ["desired.1"] = typeof(DesiredPods),
        ["request-pod-tokens.1"] = typeof(RequestPodTokens),
        ["pod-tokens.1"] = typeof(PodTokens),
        ["to-node.1"] = typeof(ToNode),
        ["node-unreachable.1"] = typeof(NodeUnreachable),
        ["get-node-page.1"] = typeof(GetNodePage),
        ["node-page.1"] = typeof(NodePage),
        ["open-log.1"] = typeof(OpenLog),
        ["find-kept-logs.1"] = typeof(FindKeptLogs),
        ["found-kept-logs.1"] = typeof(FoundKeptLogs),
        ["open-kept-log.1"] = typeof(OpenKeptLog),
        ["log-opened.1"] = typeof(LogOpened),
        ["next-log-chunk.1"] = typeof(NextLogChunk),
        ["log-chunk.1"] = typeof(LogChunk),
        ["open-exec.1"] = typeof(OpenExec),
        ["open-attach.1"] = typeof(OpenAttach),
        ["open-port.1"] = typeof(OpenPort),
        ["open-image-load.1"] = typeof(OpenImageLoad),
        ["stream-opened.1"] = typeof(StreamOpened),
        ["stream-refused.1"] = typeof(StreamRefused),
        ["read-stream.1"] = typeof(ReadStream),
        ["stream-piece.1"] = typeof(StreamPiece),
        ["write-stream.1"] = typeof(WriteStream),
        ["stream-written.1"] = typeof(StreamWritten),
        ["resize-terminal.1"] = typeof(ResizeTerminal),
        ["keep-stream.1"] = typeof(KeepStream),
        ["close-stream.1"] = typeof(CloseStream),
        ["follow-services.1"] = typeof(FollowServices),
        ["follow-policies.1"] = typeof(FollowPolicies),
        ["policy-news.1"] = typeof(PolicyNews),
        ["policies-confirmed.1"] = typeof(PoliciesConfirmed),
        ["service-news.1"] = typeof(ObjectNews),
        ["follow-ingresses.1"] = typeof(FollowIngresses),
        ["node-usage.1"] = typeof(NodeUsage),
        ["pushed-metrics.1"] = typeof(PushedMetrics),
        ["scraped-metrics.1"] = typeof(ScrapedMetrics),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<Type, string> Names = Types.ToFrozenDictionary(t => t.Value, t => t.Key);
    private readonly JsonSerializerOptions _options;

    /// <summary>Created by Akka.</summary>
    public WireSerializer(ExtendedActorSystem system) : base(system)
    {
        _options = new JsonSerializerOptions { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };
        _options.Converters.Add(new KubeObjectConverter(ResourceRegistrySetup.Of(system)));
        _options.Converters.Add(new ActorRefConverter(system));
        _options.Converters.Add(new EnvelopeConverter(Types, Names));
    }

    /// <summary>The names of the message types.</summary>
    public static IEnumerable<string> Manifests => Types.Keys;

    /// <inheritdoc/>
    public override int Identifier => 7102;

    /// <inheritdoc/>
    public override string Manifest(object o) => Names.TryGetValue(o.GetType(), out var name)
        ? name
        : throw new SerializationException($"{o.GetType().Name} is not a message between hosts.");

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => JsonSerializer.SerializeToUtf8Bytes(obj, obj.GetType(), _options);

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => Types.TryGetValue(manifest, out var type)
        ? JsonSerializer.Deserialize(bytes, type, _options) ?? throw new SerializationException($"An empty {manifest}.")
        : throw new SerializationException($"{manifest} is not known here: the other host runs another version.");
}
