using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Deployments;
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

    protected override void AfterAll()
    {
        base.AfterAll();
        _folder.Dispose();
    }

    private Task<CommandReply> CreateAsync(ObjectKey key, string json)
    {
        var services = new EntityServices(TimeProvider.System, new RandomIdSource(), new ResourceRegistry(), NoObjects.Instance, (_, _) => null);
        return Sys.ActorOf(EntityActor.Props(key.PersistenceId, services)).Ask<CommandReply>(new CreateObject(key, (JsonObject)JsonNode.Parse(json)!, "a component"), Bound);
    }
}
