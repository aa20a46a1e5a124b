using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.GarbageCollection;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Scheduling;

namespace Orchestrator.Tests.Simulation;

/// <summary>The cluster singletons. They run on one control host; each can restart alone.</summary>
internal sealed class Singletons(World world)
{
    private static readonly TimeSpan HandOver = TimeSpan.FromSeconds(4);
    private ControlHost? _home;

    public SimulatedTrigger? Trigger { get; private set; }

    public SimulatedScheduler? Scheduler { get; private set; }

    public SimulatedCollector? Collector { get; private set; }

    public SimulatedPodCollector? PodCollector { get; private set; }

    public SimulatedGateway? Gateway { get; private set; }

    /// <summary>Starts all of them on a host.</summary>
    public void Start(ControlHost home)
    {
        _home = home;
        world.Trace.Note($"singletons start on {home.Name}");
        Trigger = new SimulatedTrigger(world, home);
        Scheduler = new SimulatedScheduler(world, home);
        Collector = new SimulatedCollector(world, home);
        PodCollector = new SimulatedPodCollector(world, home);
        Gateway = new SimulatedGateway(world, home);
    }

    /// <summary>A host died. If it was their home, they start on another one after a while.</summary>
    public void Lost(ControlHost host)
    {
        if (host != _home)
        {
            world.Time.After(HandOver, () => Trigger?.WakeAll());
            return;
        }

        foreach (var life in new[] { Trigger?.Life, Scheduler?.Life, Collector?.Life, PodCollector?.Life, Gateway?.Life })
        {
            life?.End();
        }

        (_home, Trigger, Scheduler, Collector, PodCollector, Gateway) = (null, null, null, null, null, null);
        Settle();
    }

    /// <summary>One of them restarts where it is.</summary>
    public void Restart(int which)
    {
        if (_home is not { } home)
        {
            return;
        }

        world.Trace.Note($"singleton {which} restarts");
        switch (which)
        {
            case 0:
                Trigger!.Life.End();
                Trigger = new SimulatedTrigger(world, home);
                break;
            case 1:
                Scheduler!.Life.End();
                Scheduler = new SimulatedScheduler(world, home);
                break;
            case 2:
                Collector!.Life.End();
                Collector = new SimulatedCollector(world, home);
                break;
            case 3:
                PodCollector!.Life.End();
                PodCollector = new SimulatedPodCollector(world, home);
                break;
            default:
                Gateway!.Life.End();
                Gateway = new SimulatedGateway(world, home);
                break;
        }
    }

    private void Settle() => world.Time.After(HandOver, () =>
    {
        if (_home is not null)
        {
            return;
        }

        if (world.Hosts.FirstOrDefault(h => h.IsUp) is { } home)
        {
            Start(home);
        }
        else
        {
            Settle();
        }
    });
}

/// <summary>Production's <see cref="WakePlanner"/>, <see cref="DueTimes"/> and <see cref="SlowPass"/> with the timers of <see cref="ReconcileTriggerActor"/>.</summary>
internal sealed class SimulatedTrigger
{
    private readonly World _world;
    private readonly ControlHost _home;
    private readonly WakePlanner _planner;
    private readonly DueTimes _due = new();
    private readonly SlowPass _pass = new();
    private readonly TimeSpan _began;

    public SimulatedTrigger(World world, ControlHost home)
    {
        (_world, _home, _began) = (world, home, world.Time.Now);
        _planner = new WakePlanner([.. world.Parts.Controllers.Values]);
        home.Listen(Life, batch =>
        {
            foreach (var (key, revision) in _planner.Woken(batch, home.Cache))
            {
                world.Parts.Wake(key, () => Wake(key, revision));
            }
        });
        WakeAll();
        Tick();
    }

    public Life Life { get; } = new();

    private TimeSpan Now => _world.Time.Now - _began;

    /// <summary>An entity asks to be woken.</summary>
    public void Ask(ObjectKey key, TimeSpan delay)
    {
        _due.Add(key, Now + delay);
        _world.Time.After(delay, Life, () =>
        {
            foreach (var due in _due.Take(Now))
            {
                Wake(due, 0);
            }
        });
    }

    /// <summary>Wakes all objects with a controller.</summary>
    public void WakeAll()
    {
        foreach (var item in _planner.All(_home.Cache))
        {
            Wake(item.Key, item.Revision);
        }
    }

    private void Tick() => _world.Time.After(SlowPass.Step, Life, () =>
    {
        foreach (var key in _pass.Take(Now, () => _planner.All(_home.Cache)))
        {
            _world.Parts.Wake(key, () => Wake(key, 0));
        }

        Tick();
    });

    private void Wake(ObjectKey key, long cause) => _world.Network.Command("trigger", Life, new WakeObject(key, cause), null);
}

/// <summary>Production's <see cref="Scheduler"/> with the outbox of <see cref="SchedulerActor"/>.</summary>
internal sealed class SimulatedScheduler
{
    public SimulatedScheduler(World world, ControlHost home)
    {
        Scheduler? scheduler = null;
        var commands = new SimulatedOutbox<Errand>(world, "scheduler", Life, ObjectCommand.ReplyBound, RetryPolicy.Default,
            settled => scheduler!.Answered(settled.About, settled.Reply), due => scheduler!.Reconsider(due.Again));
        scheduler = new Scheduler(home.Cache, world.Time, commands.Send);
        home.Listen(Life, scheduler.Follow);
        scheduler.Start();
    }

    public Life Life { get; } = new();
}

/// <summary>Production's <see cref="GarbageCollector"/> with the outbox of <see cref="GarbageCollectorActor"/>.</summary>
internal sealed class SimulatedCollector
{
    private readonly ControlHost _home;
    private readonly SimulatedOutbox<ObjectKey> _commands;

    public SimulatedCollector(World world, ControlHost home)
    {
        _home = home;
        _commands = new SimulatedOutbox<ObjectKey>(world, "garbage-collector", Life, ObjectCommand.BulkReplyBound, RetryPolicy.Default, _ => { }, due =>
        {
            foreach (var item in due.Again.Select(home.Cache.Find).OfType<KubeObject>())
            {
                Collect(item, item.Revision);
            }
        });
        home.Listen(Life, batch =>
        {
            foreach (var change in batch.Changes)
            {
                foreach (var item in GarbageCollector.Concerned(change, home.Cache))
                {
                    Collect(item, change.Revision);
                }
            }
        });
        foreach (var item in GarbageCollector.Unfinished(home.Cache))
        {
            Collect(item, item.Revision);
        }
    }

    public Life Life { get; } = new();

    private void Collect(KubeObject item, long cause)
    {
        foreach (var command in GarbageCollector.Plan(item, _home.Cache, cause))
        {
            _commands.Send(item.Key, command);
        }
    }
}

/// <summary>Production's <see cref="PodGarbageCollector"/> with the passes of <see cref="PodGarbageCollectorActor"/>.</summary>
internal sealed class SimulatedPodCollector
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);
    private readonly World _world;
    private readonly ControlHost _home;
    private readonly SimulatedOutbox<ObjectKey> _commands;
    private readonly Dictionary<string, TimeSpan> _absent = [];

    public SimulatedPodCollector(World world, ControlHost home)
    {
        (_world, _home) = (world, home);
        _commands = new SimulatedOutbox<ObjectKey>(world, "pod-garbage-collector", Life, ObjectCommand.BulkReplyBound, retry: null, _ => { }, _ => { });
        home.Listen(Life, batch =>
        {
            if (batch.Changes.Any(c => c.Object.Kind == NodeDefinition.Instance && c.Type == "DELETED"))
            {
                Collect();
            }
        });
        Tick();
    }

    public Life Life { get; } = new();

    private void Tick()
    {
        Collect();
        _world.Time.After(Period, Life, Tick);
    }

    private void Collect()
    {
        var pods = _home.Cache.Snapshot(PodDefinition.Instance).Objects.ToList();
        var nodes = _home.Cache.Snapshot(NodeDefinition.Instance);
        var missing = pods.Select(p => p.NodeName).OfType<string>().Where(n => n.Length > 0).Distinct().Where(n => nodes.Find("", n) is null).ToHashSet();
        foreach (var back in _absent.Keys.Except(missing).ToList())
        {
            _absent.Remove(back);
        }

        foreach (var node in missing.Where(n => _absent.TryAdd(n, _world.Time.Now)))
        {
            _world.Time.After(PodGarbageCollector.Quarantine, Life, Collect);
        }

        foreach (var pod in PodGarbageCollector.Plan(pods, n => _absent.TryGetValue(n, out var since) && _world.Time.Now - since >= PodGarbageCollector.Quarantine))
        {
            foreach (var command in PodGarbageCollector.Remove(pod, "system:pod-garbage-collector", _world.Time.GetUtcNow()))
            {
                _commands.Send(pod.Key, command);
            }
        }
    }
}

/// <summary>Production's <see cref="NodeFeed"/> and <see cref="NodeConditions"/> with the table of agents of <see cref="NodeGatewayActor"/>.</summary>
internal sealed class SimulatedGateway
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly World _world;
    private readonly ControlHost _home;
    private readonly SimulatedOutbox<string> _commands;
    private readonly string _name;
    private readonly long _start;
    private readonly SortedDictionary<string, SimulatedAgent> _agents = new(StringComparer.Ordinal);

    public SimulatedGateway(World world, ControlHost home)
    {
        // Messages of two gateways are in no order.
        (_world, _home, _name, _start) = (world, home, $"gateway started at {world.Time.Now}", world.Journal.Revision);
        _commands = new SimulatedOutbox<string>(world, "gateway", Life, ObjectCommand.ReplyBound, RetryPolicy.Default, settled =>
        {
            if (settled.AgainIn is null)
            {
                world.Time.After(ObjectCommand.ReplyBound, Life, () => MarkLost([settled.About]));
            }
        }, due => MarkLost(due.Again));
        home.Listen(Life, batch =>
        {
            foreach (var (node, news) in NodeFeed.Of(batch, home.Cache, _agents.ContainsKey))
            {
                Tell(_agents[node], news);
            }
        });
        world.Time.After(Patience, Life, () => MarkLost(home.Cache.Snapshot(NodeDefinition.Instance).Objects.Select(n => n.Name)));
    }

    public Life Life { get; } = new();

    /// <summary>An agent attaches.</summary>
    public void Attach(SimulatedAgent agent, AttachAgent attach)
    {
        if (!agent.Life.IsAlive)
        {
            return;
        }

        if (_home.Cache.Revision < _start && !_world.Parts.AnswersFromStaleCache)
        {
            _home.WhenReached(_start, Life, () => Attach(agent, attach));
            return;
        }

        _agents[attach.Node] = agent;
        Tell(agent, NodeFeed.Answer(attach, _home.Cache));
    }

    /// <summary>The failure detector has noticed that an agent is gone.</summary>
    public void Lose(SimulatedAgent agent)
    {
        if (_agents.GetValueOrDefault(agent.Node) == agent)
        {
            _agents.Remove(agent.Node);
            MarkLost([agent.Node]);
        }
    }

    private void Tell(SimulatedAgent agent, DesiredPods pods) => _world.Network.Send(_name, agent.Node, _ =>
    {
        if (agent.Life.IsAlive)
        {
            agent.Take(pods);
        }
    });

    private void MarkLost(IEnumerable<string> names)
    {
        foreach (var name in names.Where(n => !_agents.ContainsKey(n)))
        {
            if (_home.Cache.Snapshot(NodeDefinition.Instance).Find("", name) is { } node && NodeConditions.Lost(node, "system:node-gateway", _world.Time.GetUtcNow()) is { } lost)
            {
                _commands.Send(name, lost);
            }
        }
    }
}
