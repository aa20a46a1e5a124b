using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Agent;

namespace Orchestrator.Tests.Simulation;

/// <summary>The agent of a node, as <see cref="NodeAgentActor"/>: registers the node, attaches to the gateway, and runs a worker for each pod.</summary>
internal sealed class SimulatedAgent
{
    private static readonly TimeSpan AttachInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstAttachBound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RuntimeRetry = TimeSpan.FromSeconds(3);
    private readonly World _world;
    private readonly SimulatedNode _node;
    private readonly AgentServices _services;
    private readonly SimulatedOutbox<string> _commands;
    private readonly SortedDictionary<string, SimulatedPodWorker> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _held = [];
    private readonly FinishedPods _finished = new();
    private KubeObject? _object;
    private JsonObject? _reported;
    private bool _isRegistering;
    private bool _isAttached;
    private bool _isReconnecting;
    private int _attaching;

    public SimulatedAgent(World world, SimulatedNode node)
    {
        (_world, _node) = (world, node);
        _services = new AgentServices(node.Name, "127.0.0.1", null!, "simulated", ActorRefs.Nobody, ActorRefs.Nobody, "", world.Time, null!,
            ImmutableDictionary<string, string>.Empty, $"machine of {node.Name}", new AgentReadiness([]))
        {
            LocalVolumes = world.Parts.HasClaims ? "/volumes" : null,
        };
        _commands = new SimulatedOutbox<string>(world, By, Life, ObjectCommand.ReplyBound, RetryPolicy.Default, settled => Registered(settled.Reply), due =>
        {
            if (due.Again.Count > 0)
            {
                RegisterNow();
            }
        });
        world.Time.After(TimeSpan.FromMilliseconds(world.Random.Next(50)), Life, RegisterNow);
    }

    public Life Life { get; } = new();

    public string Node => _node.Name;

    private string By => $"system:node:{Node}";

    private ObjectKey Key => NodeDefinition.Instance.Key(null, Node);

    /// <summary>The worker of a pod; null if there is none.</summary>
    public SimulatedPodWorker? Worker(string uid) => _pods.GetValueOrDefault(uid);

    /// <summary>The agent ends, and everything that it has in memory is gone.</summary>
    public void Die()
    {
        Life.End();
        foreach (var worker in _pods.Values)
        {
            worker.Die();
        }
    }

    /// <summary>The pods of the node have changed.</summary>
    public void Take(DesiredPods desired)
    {
        foreach (var pod in desired.Changed.Where(p => !_finished.Contains(p.Uid)))
        {
            _held[pod.Uid] = Math.Max(_held.GetValueOrDefault(pod.Uid), pod.Revision);
            if (_pods.TryGetValue(pod.Uid, out var worker))
            {
                worker.Change(pod);
            }
            else
            {
                _world.Trace.Note($"{Node} takes {pod.Name} {pod.Uid} at {pod.Revision}");
                (_pods[pod.Uid] = new SimulatedPodWorker(_world, _node, this, pod)).Change(pod);
            }
        }

        foreach (var uid in desired.Gone)
        {
            Worker(uid)?.Gone();
        }

        foreach (var volume in desired.Doomed.IsDefault ? [] : desired.Doomed)
        {
            Reclaim(volume);
        }

        if (desired.IsComplete)
        {
            Attach(AttachInterval);
            if (!_isAttached)
            {
                _isAttached = true;
                RemoveOrphans();
            }

            if (_object is not null)
            {
                Send(new GetObject(Key, By));
            }
        }
    }

    /// <summary>A worker has nothing left to do.</summary>
    public void Finished(string uid)
    {
        _pods.Remove(uid);
        _held.Remove(uid);
        _finished.Add(uid);
    }

    /// <summary>The runtime did not answer a pod. Every pod is observed again once it does.</summary>
    public void RuntimeLost()
    {
        if (_isReconnecting)
        {
            return;
        }

        _isReconnecting = true;
        _world.Time.After(RuntimeRetry, Life, () =>
        {
            _isReconnecting = false;
            foreach (var worker in _pods.Values.ToList())
            {
                worker.RuntimeChanged();
            }
        });
    }

    // As production's VolumeReclaimer: what is refused or lost is told again.
    private void Reclaim(KubeObject volume) => _world.Time.After(TimeSpan.FromMilliseconds(_world.Random.Next(2000)), Life, () =>
    {
        var left = volume.Finalizers.Remove(LocalVolumes.Finalizer);
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = left.IsEmpty ? null : new JsonArray([.. left.Select(f => (JsonNode)f)]) } };
        _world.Network.Command(By, Life, new MergeObject(volume.Key, volume.Uid, patch, "finalized", By, volume.Revision, ExpectedRevision: volume.Revision), null);
    });

    private void RemoveOrphans()
    {
        foreach (var pod in _node.Runtime.List().Where(p => !_pods.ContainsKey(p.Uid)))
        {
            _world.Time.After(TimeSpan.FromMilliseconds(_world.Random.Next(2000)), Life, () => _node.Runtime.Remove(pod.Uid));
        }
    }

    private void Attach(TimeSpan delay)
    {
        var number = ++_attaching;
        _world.Time.After(delay, Life, () =>
        {
            if (number == _attaching)
            {
                AttachNow();
            }
        });
    }

    private void AttachNow()
    {
        var attach = new AttachAgent(Node, _held.ToImmutableDictionary(), _services.Installation);
        _world.Network.Send(By, "gateway", _ => _world.Singletons.Gateway?.Attach(this, attach));
        Attach(_isAttached ? AttachInterval : FirstAttachBound);
    }

    private void RegisterNow()
    {
        _isRegistering = true;
        if (_object is null)
        {
            Send(new GetObject(Key, By));
            return;
        }

        var old = _object.ToNode();
        var status = NodeStatusBuilder.Status(_services, NodeState.Initial with { Facts = SimulatedNode.Facts, DownReason = null }, old["status"]?["conditions"] as JsonArray, _world.Time.GetUtcNow());
        var patch = JsonMerge.Diff(new JsonObject { ["status"] = old["status"]?.DeepClone() }, new JsonObject { ["status"] = status.DeepClone() });
        _reported = status;
        if (NodeStatusBuilder.Metadata(_services, old) is { } metadata)
        {
            (patch ??= [])["metadata"] = metadata;
        }

        if (patch is null)
        {
            OnRegistered();
            return;
        }

        Send(new MergeObject(_object.Key, _object.Uid, patch, "reported", By, _object.Revision));
    }

    private void Registered(CommandReply reply)
    {
        if (reply.Error is { Reason: ApiReason.NotFound })
        {
            _object = null;
            Send(new CreateObject(Key, NodeStatusBuilder.Object(_services), By));
        }
        else if (reply.Object is { } node)
        {
            if (_isAttached && node.Revision == _object?.Revision && !_isRegistering)
            {
                return;
            }

            _object = node;
            if (_reported is not null && JsonNode.DeepEquals(node.ToNode()["status"], _reported))
            {
                OnRegistered();
            }
            else
            {
                RegisterNow();
            }
        }
        else if (reply.Error is { Reason: ApiReason.Conflict or ApiReason.AlreadyExists })
        {
            _object = null;
        }
    }

    private void OnRegistered()
    {
        _isRegistering = false;
        if (!_isAttached)
        {
            AttachNow();
        }
    }

    private void Send(ObjectCommand command) => _commands.Send(Node, command);
}
