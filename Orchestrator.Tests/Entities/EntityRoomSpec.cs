using System.Text.Json.Nodes;
using System.Threading.Channels;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.PriorityClasses;
using Orchestrator.Actors.Resources;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Entities;

/// <summary>An entity reserves room before it stores what needs some.</summary>
public sealed class EntityRoomSpec : TestKit
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly ObjectKey Key = ConfigMapDefinition.Instance.Key("default", "settings");
    private readonly TempFolder _folder;
    private readonly Keeper _keeper = new();

    public EntityRoomSpec() : this(new TempFolder())
    {
    }

    private EntityRoomSpec(TempFolder folder)
        : base(JournalHocon.For(folder.File("journal.db"))) => _folder = folder;

    [Fact]
    public async Task It_is_stored_once_there_is_room_and_others_are_answered_meanwhile()
    {
        var entity = Entity();
        var created = entity.Ask<CommandReply>(Create(), Bound);
        var asked = await _keeper.AskedAsync();
        Assert.Equal(ApiReason.NotFound, (await entity.Ask<CommandReply>(new GetObject(Key, "me"), Bound)).Error!.Reason);
        asked.SetResult(null);
        Assert.Equal("settings", (await created).Object!.Name);
        Assert.Empty(_keeper.Released);
    }

    [Fact]
    public async Task Without_room_it_is_refused_and_nothing_is_stored()
    {
        var created = Entity().Ask<CommandReply>(Create(), Bound);
        (await _keeper.AskedAsync()).SetResult(new ApiError(ApiReason.Forbidden, "exceeded"));
        Assert.Equal("exceeded", (await created).Error!.Message);
        Assert.Equal(0, JournalAccess.Of(Sys).Table.Head());
    }

    [Fact]
    public async Task Keepers_that_cannot_be_asked_refuse_it()
    {
        var created = Entity().Ask<CommandReply>(Create(), Bound);
        (await _keeper.AskedAsync()).SetException(new InvalidOperationException("broken"));
        Assert.Equal(ApiReason.ServiceUnavailable, (await created).Error!.Reason);
    }

    [Fact]
    public async Task Of_two_the_second_gives_its_room_back()
    {
        var entity = Entity();
        var (first, second) = (entity.Ask<CommandReply>(Create(), Bound), entity.Ask<CommandReply>(Create(), Bound));
        var (one, two) = (await _keeper.AskedAsync(), await _keeper.AskedAsync());
        one.SetResult(null);
        Assert.Null((await first).Error);
        two.SetResult(null);
        Assert.Equal(ApiReason.AlreadyExists, (await second).Error!.Reason);
        Assert.Equal(0, Assert.Single(_keeper.Released).Since);
    }

    [Fact]
    public async Task Room_for_an_object_that_was_there_meanwhile_is_given_back_and_asked_for_anew()
    {
        var entity = Entity();
        var (first, second) = (entity.Ask<CommandReply>(Create(), Bound), entity.Ask<CommandReply>(Create(), Bound));
        var (one, two) = (await _keeper.AskedAsync(), await _keeper.AskedAsync());
        one.SetResult(null);
        Assert.Null((await first).Error);
        var gone = await entity.Ask<CommandReply>(new DeleteObject(Key, "me"), Bound);
        Assert.True(gone.IsDeleted);
        two.SetResult(null);
        (await _keeper.AskedAsync()).SetResult(null);
        Assert.Null((await second).Error);
        Assert.Equal((0, gone.Revision), (Assert.Single(_keeper.Released).Since, _keeper.Demands[^1].Since));
    }

    [Fact]
    public async Task Room_for_what_is_refused_in_the_end_is_given_back()
    {
        var (key, view) = (PodDefinition.Instance.Key("default", "p"), new Classes());
        var entity = Entity(key, view);
        var created = entity.Ask<CommandReply>(new CreateObject(key,
            (JsonObject)JsonNode.Parse("""{"spec":{"priorityClassName":"high","containers":[{"name":"c","image":"i"}]}}""")!, "me"), Bound);
        var asked = await _keeper.AskedAsync();
        view.IsGone = true;
        asked.SetResult(null);
        Assert.Contains("no PriorityClass with name high was found", (await created).Error!.Message, StringComparison.Ordinal);
        Assert.Single(_keeper.Released);
    }

    [Fact]
    public void Room_is_for_one_revision_and_half_a_minute()
    {
        var demand = new Demand(7, DateTimeOffset.UnixEpoch);
        Assert.True(demand.Holds(7, DateTimeOffset.UnixEpoch.AddSeconds(29)));
        Assert.False(demand.Holds(7, DateTimeOffset.UnixEpoch.AddSeconds(30)));
        Assert.False(demand.Holds(8, DateTimeOffset.UnixEpoch));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _folder.Dispose();
    }

    private static CreateObject Create() => new(Key, (JsonObject)JsonNode.Parse("""{"data":{"a":"b"}}""")!, "me");

    private IActorRef Entity() => Entity(Key, NoObjects.Instance);

    private IActorRef Entity(ObjectKey key, IAdmissionView view) => Sys.ActorOf(EntityActor.Props(key.PersistenceId,
        new EntityServices(TimeProvider.System, new RandomIdSource(), new ResourceRegistry(), view, (_, _) => null) { Rooms = _keeper }));

    // A cluster with one priority class, until it is gone.
    private sealed class Classes : IAdmissionView
    {
        private static readonly KubeObject High = KubeObject.From(PriorityClassDefinition.Instance, """{"metadata":{"name":"high"},"value":1}"""u8);

        public volatile bool IsGone;

        public IEnumerable<KubeObject> All(ResourceDefinition kind) => [];

        public IEnumerable<KubeObject> All(ResourceDefinition kind, string ns) => [];

        public KubeObject? Find(ObjectKey key) => IsGone ? null : High;
    }

    private sealed record Demand(long Since, DateTimeOffset At) : RoomDemand(Since, At);

    // Answers when the spec says so.
    private sealed class Keeper : IRoomKeeper
    {
        private readonly Channel<TaskCompletionSource<ApiError?>> _asked = Channel.CreateUnbounded<TaskCompletionSource<ApiError?>>();

        public List<RoomDemand> Demands { get; } = [];

        public List<RoomDemand> Released { get; } = [];

        public async Task<TaskCompletionSource<ApiError?>> AskedAsync() => await _asked.Reader.ReadAsync().AsTask().WaitAsync(Bound);

        public bool IsBounded(string ns) => ns == "default";

        public RoomDemand? Demand(ObjectCommand command, KubeObject? before, KubeObject after, long since) => new Demand(since, TimeProvider.System.GetUtcNow());

        public ApiError? Judge(RoomDemand demand) => null;

        public Task<ApiError?> ReserveAsync(RoomDemand demand)
        {
            Demands.Add(demand);
            var answer = new TaskCompletionSource<ApiError?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _asked.Writer.TryWrite(answer);
            return answer.Task;
        }

        public void Release(RoomDemand demand) => Released.Add(demand);
    }
}
