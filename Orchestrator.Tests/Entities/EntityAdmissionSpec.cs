using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.LimitRanges;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Resources;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Entities;

/// <summary>What an entity makes of a new object that its sender did not admit.</summary>
public sealed class EntityAdmissionSpec : TestKit
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly TempFolder _folder;

    public EntityAdmissionSpec() : this(new TempFolder())
    {
    }

    private EntityAdmissionSpec(TempFolder folder)
        : base(JournalHocon.For(folder.File("journal.db"))) => _folder = folder;

    [Fact]
    public async Task It_gets_its_defaults()
    {
        var reply = await CreateAsync(DeploymentDefinition.Instance.Key("default", "web"), """
            {"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """);
        Assert.Null(reply.Error);
        Assert.Equal((1, "RollingUpdate"), ((int)reply.Object!.ToNode()["spec"]!["replicas"]!, (string)reply.Object.ToNode()["spec"]!["strategy"]!["type"]!));
    }

    [Fact]
    public async Task It_is_refused_if_it_is_not_valid_and_nothing_is_stored()
    {
        var key = ConfigMapDefinition.Instance.Key("default", "settings");
        var reply = await CreateAsync(key, """{"data":{"..":"x"}}""");
        Assert.Equal(ApiReason.Invalid, reply.Error!.Reason);
        Assert.Equal("data[..]", Assert.Single(reply.Error.Causes).Field);
        Assert.Equal(0, JournalAccess.Of(Sys).Table.Head());
    }

    [Fact]
    public async Task A_pod_gets_the_defaults_of_the_namespace_that_the_command_names()
    {
        var range = (JsonObject)JsonNode.Parse("""
            {"metadata":{"name":"r","namespace":"mine","uid":"r","resourceVersion":"1"},"spec":{"limits":[{"type":"Container","defaultRequest":{"cpu":"50m"}}]}}
            """)!;
        var cache = new ObjectCache();
        cache.Restore(1, [KubeObject.From(LimitRangeDefinition.Instance, range)]);
        var reply = await CreateAsync(PodDefinition.Instance.Key("mine", "p"), """{"spec":{"containers":[{"name":"c","image":"i"}]}}""", cache);
        Assert.Equal("50m", (string?)reply.Object!.ToNode()["spec"]!["containers"]![0]!["resources"]!["requests"]!["cpu"]);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _folder.Dispose();
    }

    private Task<CommandReply> CreateAsync(ObjectKey key, string json, IAdmissionView? view = null)
    {
        var services = new EntityServices(TimeProvider.System, new RandomIdSource(), new ResourceRegistry(), view ?? NoObjects.Instance, (_, _) => null);
        return Sys.ActorOf(EntityActor.Props(key.PersistenceId, services)).Ask<CommandReply>(new CreateObject(key, (JsonObject)JsonNode.Parse(json)!, "a component"), Bound);
    }
}
