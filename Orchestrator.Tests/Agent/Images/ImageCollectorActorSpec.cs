using Akka.Actor;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Entities;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Images;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.Images;

/// <summary>The images of a node between a store in memory and a region that answers as the spec says; time moves by hand.</summary>
public sealed class ImageCollectorActorSpec() : TestKit(ControlledTime.Config)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly ControlledTime _time = new();
    private readonly FakeImages _images = new();

    [Fact]
    public async Task Images_are_told_to_the_agent_and_stay_while_the_disk_has_room()
    {
        var (collector, agent) = Start();
        Assert.Equal(["old:1", "older:1", "used:1"], Names(await NextAsync(collector, agent, TimeSpan.FromMinutes(1))));
        Assert.Equal(["old:1", "older:1", "used:1"], Names(await NextAsync(collector, agent, TimeSpan.FromMinutes(5))));
        Assert.Empty(_images.Removed);
    }

    [Fact]
    public async Task When_the_disk_is_too_full_just_as_much_is_removed_as_is_needed()
    {
        var (collector, agent) = Start();
        await NextAsync(collector, agent, TimeSpan.FromMinutes(1));
        _images.Free = 10; // 10 more lead to 80 %.
        Assert.Equal(["older:1", "used:1"], Names(await NextAsync(collector, agent, TimeSpan.FromMinutes(5))));
        Assert.Equal(["old"], _images.Removed);
    }

    [Fact]
    public async Task What_cannot_be_freed_is_an_event_of_the_node_once()
    {
        var (collector, agent) = Start();
        await NextAsync(collector, agent, TimeSpan.FromMinutes(1));
        (_images.Free, _images.AreBusy) = (5, true);
        await NextAsync(collector, agent, TimeSpan.FromMinutes(5));
        var told = ExpectMsg<MergeObject>(Bound);
        Assert.Equal(("FreeDiskSpaceFailed", "Failed to garbage collect required amount of images. Attempted to free 15 bytes, but only found 0 bytes eligible to free."),
            (told.RecordedEvents.Single().Reason, told.RecordedEvents.Single().Message));
        await NextAsync(collector, agent, TimeSpan.FromMinutes(5));
        Assert.False(HasMessages);
    }

    [Fact]
    public async Task A_pass_that_fails_is_an_event_and_is_made_again()
    {
        var (collector, agent) = Start();
        _images.Fault = new IOException("the disk cannot be read");
        await _time.PassAsync(Sys, TimeSpan.FromMinutes(1), collector);
        Assert.Equal(("ImageGCFailed", "the disk cannot be read"), ExpectMsg<MergeObject>(Bound).RecordedEvents.Single() is var e ? (e.Reason, e.Message) : default);
        _images.Fault = null;
        Assert.Equal(3, (await NextAsync(collector, agent, TimeSpan.FromMinutes(5))).Images.Count);
    }

    private (IActorRef Collector, Akka.TestKit.TestProbe Agent) Start()
    {
        var agent = CreateTestProbe();
        var services = new AgentServices("n1", "10.0.0.9", new FakeRuntime(_time.Clock), "fake", ActorRefs.Nobody, TestActor, "/nowhere", _time.Clock, new SemaphoreSlim(1), new Dictionary<string, string>(),
            "here", new AgentReadiness(["n1"]));
        return (agent.ChildActorOf(ImageCollectorActor.Props(services, new ImageKeeping(_images, new ImageGcSettings()))), agent);
    }

    private async Task<ImageCollectorActor.Listed> NextAsync(IActorRef collector, Akka.TestKit.TestProbe agent, TimeSpan after)
    {
        await _time.PassAsync(Sys, after, collector);
        return await agent.ExpectMsgAsync<ImageCollectorActor.Listed>(Bound);
    }

    private static string[] Names(ImageCollectorActor.Listed listed) => [.. listed.Images.Select(i => i.Names[0]).Order()];

    private sealed class FakeImages : IImageStore
    {
        private readonly List<StoredImage> _all = [new("old", ["old:1"], 10, false, true), new("older", ["older:1"], 10, false, true), new("used", ["used:1"], 10, true, true)];

        public long Free { get; set; } = 50;

        public bool AreBusy { get; set; }

        public Exception? Fault { get; set; }

        public List<string> Removed { get; } = [];

        public Task<ImageDisk?> DiskAsync(CancellationToken cancellation) => Task.FromResult<ImageDisk?>(new ImageDisk(100, Free));

        public Task<IReadOnlyList<StoredImage>> ListAsync(CancellationToken cancellation) =>
            Fault is { } fault ? Task.FromException<IReadOnlyList<StoredImage>>(fault) : Task.FromResult<IReadOnlyList<StoredImage>>([.. _all]);

        public Task<bool> RemoveAsync(StoredImage image, CancellationToken cancellation)
        {
            if (!AreBusy)
            {
                _all.Remove(image);
                Removed.Add(image.Id);
            }

            return Task.FromResult(!AreBusy);
        }
    }
}
