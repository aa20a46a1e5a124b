using System.Collections.Immutable;
using Akka.Actor;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Tests.Kit;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Pods;

namespace Orchestrator.Tests.Agent.Pods;

/// <summary>How a pod with the sidecars <c>log</c> and <c>net</c> and the container <c>main</c> is stopped, and what hooks do to it.</summary>
public sealed class PodTerminationSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FakeRuntime _runtime;
    private readonly PodHooks _hooks;
    private readonly PodTermination _termination;

    public PodTerminationSpec()
    {
        _runtime = new FakeRuntime(_time);
        var services = new AgentServices("n", "192.0.2.1", _runtime, "fake", ActorRefs.Nobody, ActorRefs.Nobody, "", _time, new SemaphoreSlim(1), ImmutableDictionary<string, string>.Empty, "here", new AgentReadiness([]));
        _hooks = new PodHooks(services);
        _termination = new PodTermination(services, _hooks);
        _runtime.Put(Observed);
    }

    private RuntimePodStatus Observed => new("u", "default", "web", "10.0.0.1", true, [.. ((string[])["log", "net", "main"]).Select(name =>
        new RuntimeContainerStatus(name, name, 0, ContainerState.Running, "shop:1", "id", _time.Start, null, 0, false))]);

    [Fact]
    public async Task The_end_goes_from_the_main_containers_backwards_within_one_grace()
    {
        _runtime.Hold("stop main");
        _runtime.Hold("stop net");
        var end = _termination.PodAsync(Pod(), Observed, TimeSpan.FromSeconds(30), CancellationToken.None);
        Assert.Equal(["stop main 30"], _runtime.Calls);

        _time.Advance(TimeSpan.FromSeconds(10));
        _runtime.Release("stop main");
        await CalledAsync("stop net 20");
        _time.Advance(TimeSpan.FromSeconds(25));
        await CalledAsync("stop log 2");
        Assert.False(end.IsCompleted);
        _runtime.Release("stop net");
        Assert.Empty(await end.WaitAsync(Bound));
    }

    [Fact]
    public async Task Hooks_begin_at_once_and_count_in_the_grace()
    {
        _runtime.Hold("exec main");
        var end = _termination.PodAsync(Pod(main: Command("bye"), log: Command("flush")), Observed, TimeSpan.FromSeconds(30), CancellationToken.None);
        Assert.Equal(["exec main bye", "exec log flush"], _runtime.Calls);
        _time.Advance(TimeSpan.FromSeconds(12));
        _runtime.Release("exec main");
        await end.WaitAsync(Bound);
        Assert.Equal(["stop main 18", "stop net 18", "stop log 18"], _runtime.Calls.Skip(2));
    }

    [Fact]
    public async Task A_hook_that_takes_the_whole_grace_leaves_two_seconds_and_is_said_so()
    {
        var end = _termination.PodAsync(Pod(main: new V1LifecycleHandler { Sleep = new V1SleepAction { Seconds = 60 } }), Observed, TimeSpan.FromSeconds(5), CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(5));
        var recorded = Assert.Single(await end.WaitAsync(Bound));
        Assert.Equal(("Warning", "FailedPreStopHook", "PreStopHook failed: not done in 5s"), (recorded.Type, recorded.Reason, recorded.Message));
        Assert.Contains("stop log 2", _runtime.Calls);
    }

    [Theory]
    [InlineData("exec", 0, null)]
    [InlineData("exec", 3, "exit code 3")]
    [InlineData("exec", null, "not done in 9s")]
    [InlineData("http", 0, null)]
    [InlineData("tcp", 0, "invalid handler")]
    public async Task A_hook_tells_why_it_failed(string kind, int? exitCode, string? why)
    {
        _runtime.Exec = _ => (exitCode, "secret words");
        var hook = kind switch
        {
            "exec" => Command("x"),
            "http" => new V1LifecycleHandler { HttpGet = new V1HTTPGetAction { Port = 80 } },
            _ => new V1LifecycleHandler { TcpSocket = new V1TCPSocketAction { Port = 80 } },
        };
        Assert.Equal(why, await _hooks.RunAsync(Pod(), Pod().Spec.Containers[0], hook, null, TimeSpan.FromSeconds(9), CancellationToken.None));
    }

    private static V1LifecycleHandler Command(string word) => new() { Exec = new V1ExecAction { Command = [word] } };

    private static PodManifest Pod(V1LifecycleHandler? main = null, V1LifecycleHandler? log = null) => new V1Pod
    {
        Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default", Uid = "u" },
        Spec = new V1PodSpec
        {
            InitContainers = [Container("log", log, "Always"), Container("net", null, "Always")],
            Containers = [Container("main", main, null)],
        },
    }.Manifest();

    private static V1Container Container(string name, V1LifecycleHandler? preStop, string? policy) =>
        new() { Name = name, Image = "shop:1", RestartPolicy = policy, Lifecycle = preStop is null ? null : new V1Lifecycle { PreStop = preStop } };

    private Task CalledAsync(string call) =>
        Kit.Poll.UntilAsync(() => Task.FromResult(_runtime.Calls[^1] == call), Bound, () => $"{call} after {string.Join(", ", _runtime.Calls)}");
}
