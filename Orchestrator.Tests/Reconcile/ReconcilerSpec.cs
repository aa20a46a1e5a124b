using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Reconcile;

/// <summary>An entity on a real journal and cache; the region is the spec, the behaviour is what the spec says, timers move by hand.</summary>
public sealed class ReconcilerSpec : TestKit, IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly ObjectKey Web = ReplicaSetDefinition.Instance.Key("default", "web");
    private static readonly ObjectKey First = ConfigMapDefinition.Instance.Key("default", "first");
    private static readonly ObjectKey Second = ConfigMapDefinition.Instance.Key("default", "second");
    private readonly TempFolder _folder;
    private readonly ObjectCache _cache;
    private readonly ControlledTime _time = new();
    private readonly ScriptedController _controller = new();
    private readonly SequentialIds _ids = new();
    private readonly TestProbe _trigger;

    public ReconcilerSpec() : this(new TempFolder(), new ObjectCache())
    {
    }

    private ReconcilerSpec(TempFolder folder, ObjectCache cache)
        : base(BootstrapSetup.Create().WithConfig(Akka.Configuration.ConfigurationFactory.ParseString(ControlledTime.Config)
            .WithFallback(JournalHocon.For(folder.File("journal.db")))).And(new RevisionJournalSetup(cache))) =>
        (_folder, _cache, _trigger) = (folder, cache, CreateTestProbe());

    public async Task InitializeAsync()
    {
        using var replay = JournalAccess.Of(Sys).Table.OpenReplay();
        await _cache.StartAsync(replay.EventsAsync(CancellationToken.None), CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        Shutdown();
        await _cache.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_plans_when_it_changes_and_again_when_its_commands_are_done()
    {
        _controller.Wants = _ => [Create(First)];
        var entity = await CreatedAsync();
        var command = ExpectMsg<CreateObject>(Bound);
        Assert.Equal(First, command.Key);
        _controller.Wants = _ => [];
        Reply(command, null);
        await PlannedAsync(entity, 2);
        Assert.False(HasMessages);
    }

    [Fact]
    public async Task An_answer_to_an_earlier_plan_counts_for_nothing()
    {
        _controller.Wants = _ => [Create(First), Create(Second)];
        var entity = await CreatedAsync();
        var (first, second) = (ExpectMsg<CreateObject>(Bound), ExpectMsg<CreateObject>(Bound));
        await _time.PassAsync(Sys, TimeSpan.FromSeconds(31), entity);
        Assert.All(ExpectMsg<MergeObject>(Bound).RecordedEvents, n => Assert.Contains("did not answer", n.Message, StringComparison.Ordinal));
        await _time.UntilAsync(Sys, TimeSpan.FromSeconds(1), () => HasMessages, entity);
        var (again, open) = (ExpectMsg<CreateObject>(Bound), ExpectMsg<CreateObject>(Bound));
        Assert.DoesNotContain(first.CorrelationId, (long[])[again.CorrelationId, open.CorrelationId]);
        var plans = _controller.Plans;
        Reply(first, null);
        Reply(second, null);
        Reply(again, null);
        await entity.Ask<ActorIdentity>(new Identify(null), Bound);
        Assert.Equal(plans, _controller.Plans);
        _controller.Wants = _ => [];
        Reply(open, null);
        await PlannedAsync(entity, plans + 1);
    }

    [Fact]
    public async Task What_was_refused_is_held_back_while_its_own_status_is_written_and_then_tried_again()
    {
        _controller.Wants = context => context.RejectedCommands.IsEmpty
            ? [Create(First)]
            : [Create(First), new MergeObject(Web, "", [], "status-updated", "test", 0, RecordedEvents: [])];
        var entity = await CreatedAsync();
        Reply(ExpectMsg<CreateObject>(Bound), ApiReason.ServiceUnavailable);
        var told = ExpectMsg<MergeObject>(Bound);
        Assert.Equal("FailedCreate", Assert.Single(told.RecordedEvents).Reason);
        var status = ExpectMsg<MergeObject>(Bound);
        Assert.Equal("status-updated", status.Verb);
        Reply(status, null);
        await PlannedAsync(entity, 3);
        var last = ExpectMsg<MergeObject>(Bound);
        _controller.Wants = _ => [Create(First)];
        Reply(last, null);
        await _time.UntilAsync(Sys, TimeSpan.FromMilliseconds(300), () => HasMessages, entity);
        Assert.Equal(First, ExpectMsg<CreateObject>(Bound).Key);
    }

    [Fact]
    public async Task Failures_do_not_add_up_over_plans_that_went_well()
    {
        _controller.Wants = _ => [Create(First)];
        var entity = await CreatedAsync();
        for (var round = 0; round < 5; round++)
        {
            Reply(ExpectMsg<CreateObject>(Bound), ApiReason.ServiceUnavailable);
            Assert.Equal("FailedCreate", Assert.Single(ExpectMsg<MergeObject>(Bound).RecordedEvents).Reason);
            await _time.UntilAsync(Sys, TimeSpan.FromSeconds(0.5), () => HasMessages, entity);
            var before = _time.Clock.GetUtcNow();
            Reply(ExpectMsg<CreateObject>(Bound), null);
            await _time.UntilAsync(Sys, TimeSpan.FromSeconds(0.5), () => HasMessages, entity);
            Assert.True(_time.Clock.GetUtcNow() - before < TimeSpan.FromSeconds(5));
        }
    }

    [Fact]
    public async Task A_note_is_told_only_of_what_was_done()
    {
        _controller.Wants = _ => [Create(First), Create(Second)];
        _controller.PlannedEvents = [new PlannedEvent(First, Recorded("one")), new PlannedEvent(Second, Recorded("two"))];
        await CreatedAsync();
        var (first, second) = (ExpectMsg<CreateObject>(Bound), ExpectMsg<CreateObject>(Bound));
        Reply(first, null);
        Reply(second, ApiReason.AlreadyExists);
        Assert.Equal("one", Assert.Single(ExpectMsg<MergeObject>(Bound).RecordedEvents).Message);
    }

    [Fact]
    public async Task An_entity_whose_history_cannot_be_read_says_so_and_writes_nothing_on_top()
    {
        var entity = await CreatedAsync();
        Watch(entity);
        Sys.Stop(entity);
        ExpectTerminated(entity, Bound);
        var foreign = new ObjectEvent("replicaset.reshaped.2", DateTimeOffset.UnixEpoch, "somebody newer", 0, []);
        await using (var writer = new JournalWriter(JournalAccess.Of(Sys).Table, null))
        {
            await writer.AppendAsync([JournalEntry.Of(new Committed(Web.PersistenceId, 2, foreign))]).WaitAsync(Bound);
        }

        var reply = await Entity().Ask<CommandReply>(new DeleteObject(Web, "me"), Bound);
        Assert.Equal(ApiReason.InternalError, reply.Error!.Reason);
        Assert.Contains("replicaset.reshaped.2", reply.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_due_later_is_asked_of_the_trigger_and_not_of_a_timer()
    {
        _controller.Recheck = TimeSpan.FromMinutes(5);
        var entity = await CreatedAsync();
        await PlannedAsync(entity, 1);
        var asked = _trigger.ExpectMsg<ReconcileAfter>(Bound);
        Assert.Equal((Web, TimeSpan.FromMinutes(5)), (asked.Key, asked.Delay));

        // Passivated, it forgets all; woken again it plans from what is true then, and asks again.
        await StopAsync(entity);
        Assert.False(_trigger.HasMessages);
        entity = Entity();
        entity.Tell(new WakeObject(Web, 0));

        // It has read its history: time that passes before would end the reading.
        await entity.Ask<CommandReply>(new GetObject(Web, "me"), Bound);
        await PlannedAsync(entity, 2);
        Assert.Equal(Web, _trigger.ExpectMsg<ReconcileAfter>(Bound).Key);
    }

    [Fact]
    public async Task One_that_is_stopped_in_the_middle_of_a_plan_is_taken_up_again()
    {
        _controller.Wants = _ => [Create(First)];
        var entity = await CreatedAsync();
        ExpectMsg<CreateObject>(Bound);
        await StopAsync(entity);
        Assert.Equal(Web, _trigger.ExpectMsg<ReconcileAfter>(Bound).Key);
    }

    // Nobody has acted on what the journal has then.
    [Fact]
    public async Task One_that_is_stopped_while_it_is_stored_is_taken_up_again()
    {
        var entity = Watch(Entity());
        await entity.Ask<CommandReply>(new GetObject(Web, "me"), Bound);
        entity.Tell(new CreateObject(Web, (JsonObject)JsonNode.Parse("""{"spec":{"replicas":1}}""")!, "me") { IsAdmitted = true }, TestActor);
        entity.Tell(PoisonPill.Instance);
        ExpectTerminated(entity, Bound);
        Assert.Equal(0, _controller.Plans);
        Assert.Equal(Web, _trigger.ExpectMsg<ReconcileAfter>(Bound).Key);
    }

    // Else its status would tell of the refusal for ever.
    [Fact]
    public async Task When_what_was_refused_is_not_wanted_any_more_it_plans_once_more_without_the_refusal()
    {
        _controller.Wants = _ => [Create(First)];
        var entity = await CreatedAsync();
        var seen = new List<int>();
        var refused = ExpectMsg<CreateObject>(Bound);
        _controller.Wants = context =>
        {
            seen.Add(context.RejectedCommands.Length);
            return [];
        };
        Reply(refused, ApiReason.Forbidden);
        await _time.UntilAsync(Sys, TimeSpan.FromSeconds(1), () => seen.Contains(0), entity);
        await _time.PassAsync(Sys, TimeSpan.FromSeconds(10), entity);
        Assert.Equal([0], seen.SkipWhile(n => n > 0));
    }

    [Fact]
    public async Task What_plans_find_is_recorded_once_for_as_long_as_they_find_it()
    {
        _controller.Findings = [new Finding("a", Recorded("a"), "test"), new Finding("b", Recorded("b"), "test")];
        var entity = await CreatedAsync();
        Assert.Equal(["a", "b"], ExpectMsg<MergeObject>(Bound).RecordedEvents.Select(e => e.Message));

        _controller.Findings = [new Finding("b", Recorded("b"), "test"), new Finding("c", Recorded("c"), "test")];
        entity.Tell(new WakeObject(Web, 0));
        Assert.Equal("c", Assert.Single(ExpectMsg<MergeObject>(Bound).RecordedEvents).Message);
        entity.Tell(new WakeObject(Web, 0));
        await PlannedAsync(entity, 3);
        Assert.False(HasMessages);

        _controller.Findings = [];
        entity.Tell(new WakeObject(Web, 0));
        await PlannedAsync(entity, 4);
        _controller.Findings = [new Finding("c", Recorded("c"), "test")];
        entity.Tell(new WakeObject(Web, 0));
        Assert.Equal("c", Assert.Single(ExpectMsg<MergeObject>(Bound).RecordedEvents).Message);
    }

    private async Task StopAsync(IActorRef entity)
    {
        Watch(entity);
        await entity.Ask<ActorIdentity>(new Identify(null), Bound);
        Sys.Stop(entity);
        ExpectTerminated(entity, Bound);
    }

    // With the least of a trigger: it wakes when the time that it was told has passed.
    private IActorRef Entity()
    {
        var services = new ReconcilerServices(_cache, _time.Clock, _ids, () => TestActor, () => _trigger);
        var entity = Sys.ActorOf(EntityActor.Props(Web.PersistenceId, new EntityServices(_time.Clock, _ids, _cache.Registry, _cache, (_, entity) => new Reconciler(_controller, entity, services))));
        _trigger.SetAutoPilot(new DelegateAutoPilot((_, message) =>
        {
            Sys.Scheduler.ScheduleTellOnce(((ReconcileAfter)message).Delay, entity, new WakeObject(Web, 0), ActorRefs.NoSender);
            return AutoPilot.KeepRunning;
        }));
        return entity;
    }

    private async Task<IActorRef> CreatedAsync()
    {
        var entity = Entity();
        var reply = await entity.Ask<CommandReply>(new CreateObject(Web, (JsonObject)JsonNode.Parse("""{"spec":{"replicas":1}}""")!, "me") { IsAdmitted = true }, Bound);
        Assert.Null(reply.Error);
        return entity;
    }

    // Its plan number n is made.
    private Task PlannedAsync(IActorRef entity, int n) => _time.UntilAsync(Sys, TimeSpan.FromMilliseconds(100), () => _controller.Plans >= n, entity);

    private void Reply(ObjectCommand command, ApiReason? error) =>
        LastSender.Tell(new CommandReply(null, error is { } reason ? new ApiError(reason, "not now") : null) { CorrelationId = command.CorrelationId }, TestActor);

    private static CreateObject Create(ObjectKey key) => new(key, [], "test");

    private static RecordedEvent Recorded(string message) => new("Normal", "Done", message, "test");

    private sealed class ScriptedController : IController
    {
        private int _plans;

        public ResourceDefinition Kind => ReplicaSetDefinition.Instance;

        public int Plans => Volatile.Read(ref _plans);

        public Func<PlanContext, ImmutableArray<ObjectCommand>> Wants { get; set; } = _ => [];

        public ImmutableArray<PlannedEvent> PlannedEvents { get; set; } = [];

        public ImmutableArray<Finding> Findings { get; set; } = [];

        public TimeSpan? Recheck { get; set; }

        public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
        {
            Interlocked.Increment(ref _plans);
            return new ControllerPlan(Wants(context), Recheck) { PlannedEvents = PlannedEvents, Findings = Findings };
        }

        public RecordedEvent? EventFor(RejectedCommand rejected) => new("Warning", "FailedCreate", rejected.Error.Message, "test");
    }

    private sealed class SequentialIds : IIdSource
    {
        private int _last;

        public string NewUid() => $"u-{Interlocked.Increment(ref _last)}";

        public string NewSuffix() => $"s{Interlocked.Increment(ref _last)}";
    }
}
