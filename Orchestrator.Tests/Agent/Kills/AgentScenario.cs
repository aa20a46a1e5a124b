using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Simulated;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.Kills;

/// <summary>The life of one pod on a node whose agent is killed once, and started again a second later. Actors, planner and launcher are the real ones; engine and entities are in memory and live on.</summary>
internal sealed class AgentScenario : IAsyncDisposable
{
    private const string Node = "n1";
    private const string Uid = "uid-of-web";
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly ObjectKey Key = PodDefinition.Instance.Key("default", "web");
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly ActorSystem _system = ActorSystem.Create("kills", $"{ControlledTime.Config}\nakka.loglevel = OFF\nakka.stdout-loglevel = OFF");
    private readonly TempFolder _folder = new();
    private readonly ConcurrentQueue<string> _runs = new();
    private readonly List<string> _noted = [];
    private readonly SimulatedRuntime _engine;
    private readonly KillPoint _point;
    private readonly IActorRef _gateway;
    private readonly IActorRef _region;
    private IActorRef _agent = ActorRefs.Nobody;
    private AgentLife _life = new();
    private bool _isAway;

    private AgentScenario(KillPoint point)
    {
        _point = point;
        _engine = new SimulatedRuntime(0, new SimulationOptions(StopDelay: TimeSpan.FromSeconds(1)), _clock);
        _gateway = _system.ActorOf(OnePodGateway.Props(Key));
        _region = _system.ActorOf(FakeRegion.Props(_gateway, _clock));
        _gateway.Tell(_region);
    }

    /// <summary>What happens to the pod, by name.</summary>
    public static IReadOnlyDictionary<string, Func<AgentScenario, Task>> Scripts { get; } = new Dictionary<string, Func<AgentScenario, Task>>
    {
        ["stopped with grace"] = async s =>
        {
            await s.CreateAsync("Always", "sleep 100000");
            await s.UntilAsync(() => s.IsReadyAsync(restarts: 0));
            var stop = s._engine.StopContainerAsync(Uid, "b", TimeSpan.FromSeconds(5), CancellationToken.None);
            await s.UntilAsync(() => s.IsReadyAsync(restarts: 1));
            await stop;
            await s.NoteAsync();
            await s.AskAsync(new DeleteObject(Key, "user", GraceSeconds: 20));
        },
        ["deleted by force while the agent is away"] = async s =>
        {
            await s.CreateAsync("Always", "sleep 100000");
            await s.UntilAsync(() => s.IsReadyAsync(restarts: 0));
            await s.NoteAsync();
            s._isAway = true;
            s._life.End();
            await s.AskAsync(new DeleteObject(Key, "user", GraceSeconds: 0));
            s._isAway = false;
        },
        ["deleted by force"] = async s =>
        {
            await s.CreateAsync("Always", "sleep 100000");
            await s.UntilAsync(() => s.IsReadyAsync(restarts: 0));
            await s.AskAsync(new DeleteObject(Key, "user", GraceSeconds: 0));
        },
        ["resized, by a new start"] = async s =>
        {
            await s.CreateAsync("OnFailure", "trap 'exit 0' TERM; sleep 100000");
            await s.UntilAsync(() => s.IsReadyAsync(restarts: 0));
            var pod = (await s.PodAsync())!;
            var containers = pod.ToNode()["spec"]!["containers"]!.DeepClone();
            containers[1]!["resources"]!["requests"]!["memory"] = "96Mi";
            await s.AskAsync(new MergeObject(Key, pod.Uid, new JsonObject { ["spec"] = new JsonObject { ["containers"] = containers } }, "resized", "user"));
            await s.UntilAsync(() => s.IsReadyAsync(restarts: 1));
            await s.NoteAsync();
            await s.AskAsync(new DeleteObject(Key, "user", GraceSeconds: 20));
        },
        ["over by itself"] = async s =>
        {
            await s.CreateAsync("Never", "sleep 3");
            await s.UntilAsync(async () => (await s.PodAsync())?.Phase is "Succeeded" or "Failed" && (await s._engine.FindAsync(Uid, CancellationToken.None))?.IsSandboxRunning == false);
            await s.NoteAsync();
            await s.AskAsync(new DeleteObject(Key, "user", GraceSeconds: 20));
        },
    };

    /// <summary>Plays a script to its end: the pod is deleted, and nothing of it is left.</summary>
    /// <returns>What became of it, and what the agents asked.</returns>
    public static async Task<(string End, IReadOnlyList<string> Asked)> PlayAsync(string name, KillPoint point)
    {
        await using var scenario = new AgentScenario(point);
        scenario.Begin();
        try
        {
            await Scripts[name](scenario);
            await scenario.UntilAsync(async () => await scenario.PodAsync() is null && await scenario._engine.FindAsync(Uid, CancellationToken.None) is null
                && !Directory.Exists(Path.Combine(scenario._folder.Path, Uid)));
        }
        catch (TimeoutException e)
        {
            return ($"it does not end: {e.Message}\n{(await scenario.PodAsync())?.Json}\n{await scenario._engine.FindAsync(Uid, CancellationToken.None)}\n{string.Join('\n', point.Asked)}", point.Asked);
        }

        // A command of a hook that nobody heard the end of runs again before the stop, and not after a start.
        return (string.Join('\n', scenario._noted.Concat(scenario._runs.Where(r => !r.StartsWith("exec", StringComparison.Ordinal)).Order(StringComparer.Ordinal))), point.Asked);
    }

    public async ValueTask DisposeAsync()
    {
        _life.End();
        await _system.Terminate();
        _folder.Dispose();
    }

    private async Task CreateAsync(string policy, string line)
    {
        await AskAsync(new CreateObject(ConfigMapDefinition.Instance.Key("default", "c"),
            (JsonObject)JsonNode.Parse("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"default"},"data":{"level":"one"}}""")!, "user"));
        await AskAsync(new CreateObject(Key, (JsonObject)JsonNode.Parse($$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"default"},"spec":{"nodeName":"{{Node}}","restartPolicy":"{{policy}}","terminationGracePeriodSeconds":20,
             "initContainers":[
               {"name":"init","image":"i:1","command":["sh","-c","sleep 1; exit 0"],"volumeMounts":[{"name":"v","mountPath":"/v"}]},
               {"name":"side","image":"i:1","restartPolicy":"Always","command":["sh","-c","sleep 100000"]}],
             "containers":[
               {"name":"a","image":"i:1","command":["sh","-c","{{line}}"],"volumeMounts":[{"name":"v","mountPath":"/v"},{"name":"c","mountPath":"/c"}],
                "lifecycle":{"postStart":{"exec":{"command":["started"] } },"preStop":{"exec":{"command":["stopping"]} } } },
               {"name":"b","image":"i:1","command":["sh","-c","{{line}}"],"resources":{"requests":{"memory":"64Mi"} },"resizePolicy":[{"resourceName":"memory","restartPolicy":"RestartContainer"}]}],
             "volumes":[{"name":"v","emptyDir":{} },{"name":"c","configMap":{"name":"c"} }] } }
            """)!, "user"));
    }

    private void Begin()
    {
        var life = _life = new AgentLife();
        var control = _system.ActorOf(KillableRegion.Props(_region, _gateway, _point, life));
        _agent = _system.ActorOf(NodeAgentActor.Props(new AgentServices(Node, "10.0.0.9", new KillableRuntime(_engine, _runs, _point, life), "simulated", control, control,
            _folder.Path, _clock, new SemaphoreSlim(4), ImmutableDictionary<string, string>.Empty, "here", new AgentReadiness([Node]))));
    }

    private async Task<bool> IsReadyAsync(int restarts) => await PodAsync() is { Phase: "Running" } pod && pod.ToNode()["status"]!["containerStatuses"]!.AsArray() is var all
        && all.All(c => (bool)c!["ready"]!) && (int)all.Single(c => (string?)c!["name"] == "b")!["restartCount"]! == restarts;

    private async Task<KubeObject?> PodAsync() => (await _region.Ask<CommandReply>(new GetObject(Key, "user"), Bound)).Object;

    private async Task AskAsync(ObjectCommand command)
    {
        var reply = await _region.Ask<CommandReply>(command, Bound);
        Assert.True(reply.Error is null, reply.Error?.Message);
    }

    // What users see of it then.
    private async Task NoteAsync()
    {
        var status = (await PodAsync())!.ToNode()["status"]!;
        _noted.Add($"{status["phase"]}");
        foreach (var c in status["initContainerStatuses"]!.AsArray().Concat(status["containerStatuses"]!.AsArray()))
        {
            var ended = c!["state"]!["terminated"];
            _noted.Add(string.Create(CultureInfo.InvariantCulture, $"{c["name"]} {c["restartCount"]} {((JsonObject)c["state"]!).First().Key} {ended?["exitCode"]} {ended?["reason"]} before: {c["lastState"]?["terminated"]?["exitCode"]}"));
        }

        _noted.AddRange(((await _engine.FindAsync(Uid, CancellationToken.None))?.Containers ?? []).Select(c => $"{c.Name} {c.Attempt} {c.State} in the engine").Order(StringComparer.Ordinal));
    }

    private async Task UntilAsync(Func<Task<bool>> holds)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            await SettleAsync();
            if (_life.IsOver && !_isAway)
            {
                await _agent.GracefulStop(Bound);
                Begin();
                continue;
            }

            if (await holds())
            {
                return;
            }

            if (clock.Elapsed > Bound)
            {
                throw new TimeoutException("however much time passes, it does not come true");
            }

            _clock.Advance(Step);
            ((TestScheduler)_system.Scheduler).Advance(Step);
        }
    }

    // Until nothing more happens by itself.
    private async Task SettleAsync()
    {
        for (var before = -1; before != _point.Activity;)
        {
            before = _point.Activity;
            await _agent.Ask<ActorIdentity>(new Identify(null), Bound);
            await _region.Ask<ActorIdentity>(new Identify(null), Bound);
            await Task.Delay(1);
        }
    }
}
