using System.Text;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Simulated;

namespace Orchestrator.Tests.Agent;

public sealed class LogSessionActorSpec : TestKit
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly SimulatedRuntime _runtime = new(0, new SimulationOptions(), new FakeTimeProvider());

    [Fact]
    public async Task While_nothing_is_written_it_hears_what_it_is_told_and_answers_the_last_who_asked()
    {
        var session = await OpenAsync("echo one; sleep 600", follow: true);
        session.Tell(new NextLogChunk(), TestActor);
        Assert.Equal("one\n", Encoding.UTF8.GetString(ExpectMsg<LogChunk>(Bound).Bytes));

        var (first, second) = (CreateTestProbe(), CreateTestProbe());
        session.Tell(new NextLogChunk(), first);
        session.Tell(new NextLogChunk(), second);
        session.Tell(new Identify("still there"), TestActor);
        Assert.Equal("still there", ExpectMsg<ActorIdentity>(TimeSpan.FromSeconds(5)).MessageId);
        await _runtime.StopContainerAsync("u", "main", TimeSpan.Zero, CancellationToken.None);
        Assert.Equal((true, null), second.ExpectMsg<LogChunk>(Bound) is var end ? (end.IsEnd, end.Error) : default);
        first.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_log_that_is_not_there_is_said_so_and_the_session_ends()
    {
        var session = await OpenAsync("sleep 600", follow: false, isPrevious: true);
        Watch(session);
        session.Tell(new NextLogChunk(), TestActor);
        Assert.Equal((true, "previous terminated container \"main\" not found"), ExpectMsg<LogChunk>(Bound) is var end ? (end.IsEnd, end.Error) : default);
        ExpectTerminated(session, Bound);
    }

    private async Task<IActorRef> OpenAsync(string script, bool follow, bool isPrevious = false)
    {
        await _runtime.EnsureSandboxAsync(new SandboxLaunch("u", "default", "web", "web", false, []), CancellationToken.None);
        await _runtime.StartContainerAsync(new ContainerLaunch("u", "default", "web", "main", 0, "shop:1", ["sh", "-c"], [script], [], null, []), CancellationToken.None);
        return Sys.ActorOf(LogSessionActor.Props(_runtime, new OpenLog("u", "main", follow, isPrevious, null, null, false, null)));
    }
}
