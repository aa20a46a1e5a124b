using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Pods;

namespace Orchestrator.Tests.Agent.Pods;

/// <summary>What somebody removed from the runtime is not forgotten.</summary>
public sealed class ContainerRecordsSpec
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_container_that_ran_and_was_removed_has_ended_once()
    {
        var before = Pod(Runs(1), Ended(0, 3));
        var after = ContainerRecords.Completed(Pod(), before, Now)!;
        Assert.Equal([(1, ContainerState.Exited, 137, "ContainerStatusUnknown"), (0, ContainerState.Exited, 3, null)], after.Containers.Select(c => (c.Attempt, c.State, c.ExitCode, c.Reason)));
        Assert.Equal(Now, after.Containers[0].FinishedAt);
        Assert.Equal("sandbox", after.Containers[0].SandboxId);

        // Later it is the same, also with the whole pod removed, and its successor counts on.
        Assert.True(after.IsSameAs(ContainerRecords.Completed(Pod(), after, Now.AddHours(1))));
        var gone = ContainerRecords.Completed(null, after, Now.AddHours(1))!;
        Assert.Equal(after.Containers.AsEnumerable(), gone.Containers);
        Assert.Equal((false, null, null), (gone.IsSandboxRunning, gone.SandboxId, gone.Ip));
        var next = ContainerRecords.Completed(Pod(Runs(2)), after, Now)!;
        Assert.Equal([2, 1], next.Containers.Select(c => c.Attempt));
    }

    [Fact]
    public void What_is_there_is_left_alone()
    {
        var observed = Pod(Ended(2, 1), Runs(3));
        Assert.Same(observed, ContainerRecords.Completed(observed, null, Now));
        Assert.Same(observed, ContainerRecords.Completed(observed, Pod(Runs(2), Ended(1, 0), Runs(0)), Now));
        Assert.Same(observed, ContainerRecords.Completed(observed, Pod(Runs(4) with { State = ContainerState.Created }), Now));
        Assert.Null(ContainerRecords.Completed(null, null, Now));
    }

    [Theory]
    [InlineData("""{"running":{"startedAt":"2029-12-31T23:00:00Z"}}""", "{}", 137, "ContainerStatusUnknown", null)]
    [InlineData("""{"terminated":{"exitCode":4,"reason":"Error","message":"why","containerID":"docker://c","startedAt":"2029-12-31T23:00:00Z","finishedAt":"2029-12-31T23:30:00Z"}}""", "{}", 4, null, "why")]
    [InlineData("""{"waiting":{"reason":"CrashLoopBackOff"}}""", """{"terminated":{"exitCode":9,"reason":"OOMKilled","containerID":"docker://c","startedAt":"2029-12-31T23:00:00Z","finishedAt":"2029-12-31T23:30:00Z"}}""", 9, null, null)]
    [InlineData("""{"waiting":{"reason":"ContainerCreating"}}""", "{}", null, null, null)]
    public void An_agent_that_has_not_seen_a_container_believes_the_status(string state, string lastState, int? exitCode, string? reason, string? message)
    {
        var stored = KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
            {"metadata":{"name":"web","namespace":"default","uid":"u"},"spec":{"containers":[{"name":"main","image":"shop:1"}]},
             "status":{"phase":"Running","containerStatuses":[{"name":"main","restartCount":3,"image":"shop:1","imageID":"i","containerID":"docker://c","state":{{state}},"lastState":{{lastState}}}]} }
            """)!);
        Assert.Null(ContainerRecords.Reported(stored, runtimeKeeps: false));
        var known = ContainerRecords.Reported(stored, runtimeKeeps: true);
        var after = ContainerRecords.Completed(null, known, Now);
        Assert.Equal(exitCode, after?.Containers.Single().ExitCode);
        if (after is not null)
        {
            var lost = after.Containers.Single();
            Assert.Equal((3, "c", reason), (lost.Attempt, lost.Id, lost.Reason));
            Assert.Equal(new DateTimeOffset(2029, 12, 31, 23, 0, 0, TimeSpan.Zero), lost.StartedAt);
            Assert.Equal(message, lost.Reason is null ? lost.TerminationMessage : null);
            Assert.False(PodPlanner.IsInSandbox(after, lost));
            Assert.True(PodPlanner.IsInSandbox(Pod(), ContainerRecords.Completed(Pod(), known, Now)!.Containers.Single()));
        }
    }

    private static RuntimePodStatus Pod(params RuntimeContainerStatus[] containers) => new("u", "default", "web", "10.0.0.1", true, [.. containers], "sandbox");

    private static RuntimeContainerStatus Runs(int attempt) =>
        new("main", $"c{attempt}", attempt, ContainerState.Running, "shop:1", "id", Now.AddMinutes(-1), null, 0, false, SandboxId: "sandbox");

    private static RuntimeContainerStatus Ended(int attempt, int exitCode) =>
        Runs(attempt) with { State = ContainerState.Exited, FinishedAt = Now.AddSeconds(-1), ExitCode = exitCode };
}
