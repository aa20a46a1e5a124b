using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.NetworkPolicies;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ResourceQuotas;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Tests.Wire;

public sealed class WireSerializerSpec : TestKit
{
    private static readonly ObjectKey Key = PodDefinition.Instance.Key("default", "web-1");
    private static readonly KubeObject Pod = KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse(
        """{"metadata":{"name":"web-1","namespace":"default","uid":"u1","resourceVersion":"7"},"spec":{"nodeName":"a"}}""")!);

    private static ResourceUsage Used => new(DateTimeOffset.UnixEpoch.AddHours(1), TimeSpan.FromSeconds(15.02), 200_000_001, 64 << 20);

    private static JsonObject Json => new() { ["spec"] = new JsonObject { ["replicas"] = 3, ["gone"] = null } };

    [Fact]
    public void Every_message_survives_the_wire()
    {
        var serializer = new WireSerializer((ExtendedActorSystem)Sys);
        IWireMessage[] messages =
        [
            new CreateObject(Key, Json, "me", 4), new ReplaceObject(Key, Json, "status", 5, "me", 1, "scaled"),
            new MergeObject(Key, "u1", Json, "reported", "me", 2, Json, [new RecordedEvent("Normal", "Started", "It runs", "kubelet", 3)]),
            new MergeObject(Key, "u1", Json, "reported", "me"),
            new BindPod(Key, "u1", "node-a", "scheduler", 3, Json), new DeleteObject(Key, "me", 0, 0, "Foreground", "u1", 9),
            new DeleteObject(Key, "me"),
            new ReserveRoom(Key, "r1", Key, 7, new JsonObject { ["pods"] = "1" }, new JsonObject { ["cpu"] = "a,b" }, ["BestEffort"], "high", "me", 3), new ReserveRoom(Key,
                "r1", Key, 0, [], null, null, "", "me"),
            new ReleaseRoom(Key, "r1", "me", 3), new CountRoom(Key, "u1", 7, new JsonObject { ["pods"] = "1" }, ["r1"], "me", 4),
            new ConfirmPodStopped(Key, "u1", "me"), new GetObject(Key, "me"), new WakeObject(Key, 12), new ReconcileAfter(Key, TimeSpan.FromSeconds(300)), new CommandReply(Pod, null, false, 7),
            new CommandReply(null, new ApiError(ApiReason.Invalid, "no", [new ApiCause("spec", "FieldValueInvalid", "bad")]), true),
            new CommandReply(null, ApiError.NotFound(Key)),
            new AttachAgent("a", ImmutableDictionary<string, long>.Empty.Add("u1", 7), "i1"), new AttachRefused("a", "why"), new DesiredPods([Pod], ["u2"], true), new DesiredPods([], [], false, ["u3"]),
            new RequestPodTokens("a", Key, "u1"), new PodTokens([new PodToken("vault", 3607, "t.o.k", DateTimeOffset.UnixEpoch)], null), new PodTokens([], "why"),
            new ToNode("a", new OpenLog("u1", "web", true, false, 10, DateTimeOffset.UnixEpoch, true, 99)), new NodeUnreachable("a"),
            new GetNodePage("/stats/summary", "?only_cpu_and_memory=true"), new NodePage(200, "text/plain", [1, 2, 0]),
            new OpenLog("u1", "web", false, false, null, null, false, null), new OpenLog("u1", "web", false, true, null, null, false, null, "c1"), new LogOpened(TestActor), new NextLogChunk(), new LogChunk([1, 2, 0], true, "late"),
            new FindKeptLogs("default", "web"), new FoundKeptLogs([new KeptLog("u1", "main", 2, 99, DateTimeOffset.UnixEpoch)]),
            new OpenKeptLog("default", "web", "u1", "main", 2, 10, DateTimeOffset.UnixEpoch, true, 99), new OpenKeptLog("default", "web", "u1", "main", 0, null, null, false, null),
            new OpenExec("u1", "web", ["sh", "-c", "exit 3"], true, false), new OpenAttach("u1", "web", true), new OpenPort("u1", 8080), new OpenImageLoad(), new StreamOpened(TestActor), new StreamRefused("why"),
            new ReadStream(3), new StreamPiece(3, 2, [1, 2, 0], null), new StreamPiece(4, 1, [], new StreamEnd(3, null)), new WriteStream(1, [7], true), new StreamWritten(1, "why"),
            new ResizeTerminal(80, 24), new KeepStream(), new CloseStream(),
            new FollowPolicies(new FeedPosition("s", 7), 3), new PoliciesConfirmed(3), new PolicyNews("s", 6, 7, [Pod], [Key], [new GroupNews("g", true, ["10.244.0.7", "dns . 53"], ["10.244.0.8"])]),
            new FollowServices(new FeedPosition("s", 7, 2)), new ObjectNews("s", 6, 7, [Pod], [new GoneObject(Key, 5)]), new ObjectNews("s", ObjectNews.Whole, 7, [Pod], [], 2, 3),
            new FollowIngresses(new FeedPosition("s", 7)),
            new NodeUsage("a", Used, [new PodUsage("u1", [new ContainerUsage("web", Used)])]), new NodeUsage("a", null, []),
            new ScrapedMetrics("node-1", "uid-1", DateTimeOffset.UnixEpoch, [new ScrapedValue("rps", ImmutableSortedDictionary<string, string>.Empty.Add("verb", "GET"), 1500, TimeSpan.FromSeconds(30))]),
            new PushedMetrics([new PushedMetric("pods", "default", "web-1", "rps", ImmutableSortedDictionary<string, string>.Empty.Add("verb", "GET"), 1500, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(30))]),
        ];
        foreach (var message in messages)
        {
            var manifest = serializer.Manifest(message);
            var bytes = serializer.ToBinary(message);
            var back = serializer.FromBinary(bytes, manifest);
            Assert.IsType(message.GetType(), back);
            Assert.Equal(System.Text.Encoding.UTF8.GetString(bytes), System.Text.Encoding.UTF8.GetString(serializer.ToBinary(back)));
        }

        Assert.Equal("u3", ((DesiredPods)serializer.FromBinary(serializer.ToBinary(messages.OfType<DesiredPods>().Last()), "desired.1")).Reread.Single());
        Assert.Equal(WireSerializer.Manifests.Order(), messages.Select(serializer.Manifest).Distinct().Order());
        Assert.Equal(Pod.Json.ToArray(), ((CommandReply)serializer.FromBinary(serializer.ToBinary(messages.OfType<CommandReply>().First(r => r.Object is not null)), "reply.1")).Object!.Json.ToArray());
    }

    [Fact]
    public void Renamed_members_keep_their_names_on_the_wire()
    {
        var serializer = new WireSerializer((ExtendedActorSystem)Sys);
        var sent = new MergeObject(Key, "u1", [], "reported", "me", RecordedEvents: [new RecordedEvent("Normal", "Started", "It runs", "kubelet")]);
        var json = JsonNode.Parse(serializer.ToBinary(sent with { CorrelationId = 5 }))!;
        Assert.Equal("Started", (string?)json["Notes"]![0]!["Reason"]);
        Assert.Equal(5, (int?)json["Ticket"]);
        Assert.Equal(5, (int?)JsonNode.Parse(serializer.ToBinary(new CommandReply(null, null) { CorrelationId = 5 }))!["Ticket"]);
        Assert.Equal(5, ((ObjectCommand)serializer.FromBinary(serializer.ToBinary(sent with { CorrelationId = 5 }), "merge.1")).CorrelationId);
    }

    [Fact]
    public void Every_message_type_is_in_the_table()
    {
        var serializer = new WireSerializer((ExtendedActorSystem)Sys);
        var types = typeof(IWireMessage).Assembly.GetTypes().Where(t => t.IsAssignableTo(typeof(IWireMessage)) && t is { IsAbstract: false, IsInterface: false });
        foreach (var type in types)
        {
            Assert.NotEmpty(serializer.Manifest(System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type)));
        }
    }

    [Fact]
    public void What_is_not_in_the_table_is_refused()
    {
        var serializer = new WireSerializer((ExtendedActorSystem)Sys);
        Assert.Throws<System.Runtime.Serialization.SerializationException>(() => serializer.Manifest("text"));
        Assert.Throws<System.Runtime.Serialization.SerializationException>(() => serializer.FromBinary([], "other.9"));
    }
}
