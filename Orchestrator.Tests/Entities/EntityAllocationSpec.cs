using System.Text.Json.Nodes;
using System.Threading.Channels;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Resources;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Entities;

/// <summary>An entity stores an object with what was reserved for it, and asks for one thing at a time.</summary>
public sealed class EntityAllocationSpec : TestKit
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly ObjectKey Key = ConfigMapDefinition.Instance.Key("default", "settings");
    private readonly TempFolder _folder;
    private readonly Allocator _allocator = new();

    public EntityAllocationSpec() : this(new TempFolder())
    {
    }

    private EntityAllocationSpec(TempFolder folder)
        : base(JournalHocon.For(folder.File("journal.db"))) => _folder = folder;

    [Fact]
    public async Task What_was_given_is_in_the_answer_and_others_are_answered_meanwhile()
    {
        var entity = Entity();
        var created = entity.Ask<CommandReply>(Create(), Bound);
        var asked = await _allocator.AskedAsync();
        Assert.Equal(ApiReason.NotFound, (await entity.Ask<CommandReply>(new GetObject(Key, "me"), Bound)).Error!.Reason);
        asked.SetResult(Given("1"));
        Assert.Equal("1", (string?)(await created).Object!.ToNode()["data"]!["given"]);
        Assert.Empty(_allocator.Released);
    }

    [Fact]
    public async Task Of_two_at_once_the_second_asks_for_nothing()
    {
        var entity = Entity();
        var (first, second) = (entity.Ask<CommandReply>(Create(), Bound), entity.Ask<CommandReply>(Create(), Bound));
        (await _allocator.AskedAsync()).SetResult(Given("1"));
        Assert.Null((await first).Error);
        Assert.Equal(ApiReason.AlreadyExists, (await second).Error!.Reason);
        Assert.Equal(1, _allocator.Asked);
        Assert.Empty(_allocator.Released);
    }

    [Fact]
    public async Task What_is_refused_stores_nothing_and_the_next_one_asks_again()
    {
        var entity = Entity();
        var (first, second) = (entity.Ask<CommandReply>(Create(), Bound), entity.Ask<CommandReply>(Create(), Bound));
        (await _allocator.AskedAsync()).SetResult(new AllocationReply(null, new ApiError(ApiReason.Invalid, "range is full")));
        Assert.Equal("range is full", (await first).Error!.Message);
        (await _allocator.AskedAsync()).SetException(new InvalidOperationException("broken"));
        Assert.Equal(ApiReason.ServiceUnavailable, (await second).Error!.Reason);
        Assert.Equal(0, JournalAccess.Of(Sys).Table.Head());
    }

    [Fact]
    public async Task What_comes_too_late_is_given_back_and_asked_for_anew()
    {
        var created = Entity().Ask<CommandReply>(Create(), Bound);
        (await _allocator.AskedAsync()).SetResult(Given("1", TimeProvider.System.GetUtcNow() - Allocation.Bound));
        (await _allocator.AskedAsync()).SetResult(Given("2"));
        Assert.Equal("2", (string?)(await created).Object!.ToNode()["data"]!["given"]);
        Assert.Equal("1", (string?)Assert.Single(_allocator.Released).Patch["data"]!["given"]);
    }

    [Fact]
    public async Task Each_version_that_is_stored_is_told_of()
    {
        var entity = Entity();
        var created = entity.Ask<CommandReply>(Create(), Bound);
        (await _allocator.AskedAsync()).SetResult(Given("1"));
        await created;
        await entity.Ask<CommandReply>(new DeleteObject(Key, "me"), Bound);
        Assert.Equal([(false, true), (true, false)], _allocator.Settled);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _folder.Dispose();
    }

    private static AllocationReply Given(string what, DateTimeOffset? at = null) =>
        new(new Allocation(new JsonObject { ["data"] = new JsonObject { ["given"] = what } }, [], 0, at ?? TimeProvider.System.GetUtcNow()), null);

    private static CreateObject Create() => new(Key, (JsonObject)JsonNode.Parse("""{"data":{"a":"b"}}""")!, "me");

    private IActorRef Entity() => Sys.ActorOf(EntityActor.Props(Key.PersistenceId,
        new EntityServices(TimeProvider.System, new RandomIdSource(), new ResourceRegistry(), NoObjects.Instance, (_, _) => null) { Allocator = _allocator }));

    // Answers when the spec says so.
    private sealed class Allocator : IAllocator
    {
        private readonly Channel<TaskCompletionSource<AllocationReply>> _asked = Channel.CreateUnbounded<TaskCompletionSource<AllocationReply>>();
        private int _count;

        public int Asked => Volatile.Read(ref _count);

        public List<Allocation> Released { get; } = [];

        public List<(bool HadBefore, bool HasAfter)> Settled { get; } = [];

        public async Task<TaskCompletionSource<AllocationReply>> AskedAsync() => await _asked.Reader.ReadAsync().AsTask().WaitAsync(Bound);

        public bool Serves(ResourceDefinition kind) => true;

        public AllocationProposal? Propose(KubeObject? before, KubeObject after) => before is null ? new AllocationProposal([], null) : null;

        public Task<AllocationReply> AllocateAsync(AllocationProposal proposal, ObjectCommand command, KubeObject? before, KubeObject after, long since)
        {
            Interlocked.Increment(ref _count);
            var answer = new TaskCompletionSource<AllocationReply>(TaskCreationOptions.RunContinuationsAsynchronously);
            _asked.Writer.TryWrite(answer);
            return answer.Task;
        }

        public void Release(Allocation allocation) => Released.Add(allocation);

        public void Settle(KubeObject? before, KubeObject? after, long cause) => Settled.Add((before is not null, after is not null));
    }
}
