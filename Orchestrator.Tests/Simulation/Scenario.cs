using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.CronJobs;
using Orchestrator.Actors.Kinds.DaemonSets;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Kinds.PodDisruptionBudgets;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Kinds.ReplicationControllers;
using Orchestrator.Actors.Kinds.StatefulSets;
using Orchestrator.Actors.Kinds.StorageClasses;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Tests.Simulation;

/// <summary>A world in which nothing goes wrong but one thing: after one event, a controller is killed. What its users want is written down.</summary>
/// <param name="name">Name of the scenario: the plural of the kind whose controller is killed.</param>
/// <param name="after">Number of the event after which it is killed; 0: it is not.</param>
/// <param name="isHost">Whether it is killed with the whole control host that it runs on.</param>
internal sealed class Scenario(string name, int after = 0, bool isHost = false) : WithAutoscalers
{
    private const int Seed = 1;
    private const int Patience = 20;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
    private readonly (ResourceDefinition Kind, Step[] Script) _chosen = Scripts[name];
    private World? _world;
    private int _events;
    private int _asked;

    /// <summary>The scenarios.</summary>
    public static IReadOnlyDictionary<string, (ResourceDefinition Kind, Step[] Script)> Scripts { get; } =
        new Dictionary<string, (ResourceDefinition, Step[])>
        {
            ["replicasets"] = (ReplicaSetDefinition.Instance, Scaled(ReplicaSetDefinition.Instance)),
            ["replicationcontrollers"] = (ReplicationControllerDefinition.Instance, Scaled(ReplicationControllerDefinition.Instance)),
            ["deployments"] = (DeploymentDefinition.Instance, Rolled(DeploymentDefinition.Instance)),
            ["statefulsets"] = (StatefulSetDefinition.Instance, Rolled(StatefulSetDefinition.Instance)),
            ["daemonsets"] = (DaemonSetDefinition.Instance,
            [
                Create(5, DaemonSetDefinition.Instance, Workload("d0", [])),
                Change(12, DaemonSetDefinition.Instance, "d0", s => Container(s)["image"] = "app:2"),
                Change(13, DaemonSetDefinition.Instance, "d0", s => Container(s)["image"] = "app:3"),
            ]),
            ["jobs"] = (JobDefinition.Instance,
            [
                Create(5, JobDefinition.Instance, Object("j0", Job())),
                Create(6, JobDefinition.Instance, Object("j1", Job("Indexed"))),
                Change(8, JobDefinition.Instance, "j0", s => s["parallelism"] = 3),
            ]),
            ["cronjobs"] = (CronJobDefinition.Instance,
            [
                Create(5, CronJobDefinition.Instance, Object("c0",
                    new JsonObject { ["schedule"] = "*/1 * * * *", ["concurrencyPolicy"] = "Forbid", ["successfulJobsHistoryLimit"] = 2, ["jobTemplate"] = new JsonObject { ["spec"] = Job() } })),
                Change(200, CronJobDefinition.Instance, "c0", s => s["suspend"] = true),
            ]),
            ["horizontalpodautoscalers"] = (HorizontalPodAutoscalerDefinition.Instance,
            [
                Create(5, DeploymentDefinition.Instance, Workload("d1", new JsonObject { ["replicas"] = 1 })),
                Create(6, HorizontalPodAutoscalerDefinition.Instance, Object("h1", new JsonObject
                {
                    ["scaleTargetRef"] = new JsonObject { ["apiVersion"] = "apps/v1", ["kind"] = "Deployment", ["name"] = "d1" },
                    ["maxReplicas"] = 3,
                    ["metrics"] = new JsonArray(new JsonObject
                    {
                        ["type"] = "Resource",
                        ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = 50 } },
                    }),
                })),
                Change(40, HorizontalPodAutoscalerDefinition.Instance, "h1", s => s["maxReplicas"] = 5),
            ]),
            ["poddisruptionbudgets"] = (PodDisruptionBudgetDefinition.Instance,
            [
                Create(5, PodDisruptionBudgetDefinition.Instance, Object("b0", new JsonObject { ["minAvailable"] = 1, ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "d0" } } })),
                .. Rolled(DeploymentDefinition.Instance),
            ]),
            ["persistentvolumeclaims"] = (PersistentVolumeClaimDefinition.Instance, Claimed()),
            ["persistentvolumes"] = (PersistentVolumeDefinition.Instance, Claimed()),
            ["namespaces"] = (NamespaceDefinition.Instance,
            [
                Create(35, DeploymentDefinition.Instance, Workload("d0", new JsonObject { ["replicas"] = 2 }, "team")),
                Delete(40, NamespaceDefinition.Instance.Key(null, "team"), "Background"),
            ]),
        };

    /// <summary>Runs a scenario.</summary>
    /// <returns>How it ended, what there was then, and how many events were stored.</returns>
    public static (SimulationRun Run, string End, int Events) Play(string name, int after = 0, bool isHost = false)
    {
        var scenario = new Scenario(name, after, isHost);
        var run = World.Run(Seed, scenario);
        return (run, scenario.End(), scenario._events);
    }

    /// <summary>Plays a scenario undisturbed, and then kills the controller after each event, alone and with its host.</summary>
    /// <param name="name">Name of the scenario.</param>
    /// <param name="most">The most events after which it is killed; they are spread evenly.</param>
    /// <returns>What is wrong, and with which event; null if every run ends as the undisturbed one. And how often it was killed.</returns>
    public static (string? Wrong, int Kills) Sweep(string name, int most)
    {
        var (undisturbed, end, events) = Play(name);
        if (undisturbed.Violation is not null)
        {
            return (undisturbed.Report, 0);
        }

        string? wrong = null;
        var step = Math.Max(1, (int)Math.Ceiling((double)events / most));
        Parallel.For(0, 2 * (events / step), (i, loop) =>
        {
            var (at, withHost) = (1 + (i / 2 * step), i % 2 == 1);
            var (run, other, _) = Play(name, at, withHost);
            if (run.Violation is not null || other != end)
            {
                Interlocked.CompareExchange(ref wrong,
                    $"{name}, the {(withHost ? "host" : "controller")} is killed after event {at} of {events}:\n{(run.Violation is null ? $"{other}\ninstead of\n{end}" : run.Report)}", null);
                loop.Stop();
            }
        });
        return (wrong, 2 * (events / step));
    }

    public override bool HasClaims => Claims(name);

    public override IEnumerable<(ResourceDefinition Kind, JsonObject Object)> Fixtures => Claims(name) ? [(StorageClassDefinition.Instance, LocalStorageClass.Create(isDefault: true))] : [];

    public override void Stored(World world, StoredEvent stored)
    {
        base.Stored(world, stored);
        WithClaims.Check(world, stored);
    }

    public override Faults FaultsOf(Random random) => Faults.None;

    public override void Enter(World world)
    {
        base.Enter(world);
        _world = world;
        Ask(0, isNew: true);
    }

    // How often is chance, and would differ from run to run.
    public override bool TaskFails(Random random) => false;

    public override bool Act(World world) => true;

    public override string? Lacks(World world, KubeObject o, string? usual) => _asked < _chosen.Script.Length ? "the script is not over" : WithClaims.Lacks(world, o) ?? usual;

    public override void AfterEvent(World world, ObjectKey key)
    {
        if (++_events != after)
        {
            return;
        }

        // Those of the kind; of one that is gone, whatever was written last.
        foreach (var victim in world.Journal.Of(_chosen.Kind).Select(o => o.Key).DefaultIfEmpty(key).ToList())
        {
            if (isHost)
            {
                world.Restarts.Kill(world.Hosts.First(h => h == world.Region.HomeOf(victim)));
            }
            else
            {
                world.Region.Move(victim);
            }
        }
    }

    // One thing after the other, each until it is there: requests may meet a host that has died.
    private void Ask(int number, bool isNew)
    {
        _asked = number;
        if (number == _chosen.Script.Length)
        {
            return;
        }

        var (step, world) = (_chosen.Script[number], _world!);
        if (isNew && TimeSpan.FromSeconds(step.At) - world.Time.Now is var wait && wait > TimeSpan.Zero)
        {
            world.Time.After(wait, () => Ask(number, isNew: false));
        }
        else if (!isNew && step.IsDone(world.Journal))
        {
            Ask(number + 1, isNew: true);
        }
        else
        {
            step.Do(world.Client);
            Await(number, Patience);
        }
    }

    private void Await(int number, int looks) => _world!.Time.After(Look, () =>
    {
        if (looks == 0 || _chosen.Script[number].IsDone(_world.Journal))
        {
            Ask(number, isNew: false);
        }
        else
        {
            Await(number, looks - 1);
        }
    });

    // What users see of it: no names that are made up, no times, and no steps of the way.
    private string End() => string.Join('\n', _world!.Journal.Objects.Values.Where(o => o.Kind.Plural is not ("events" or "nodes" or "controllerrevisions" or "namespaces")).Select(Line).Order(StringComparer.Ordinal));

    private string Line(KubeObject o)
    {
        var node = o.ToNode();
        if (o.Kind == PodDefinition.Instance)
        {
            var pod = PodOutline.Of(o);
            var named = o.Controller?.Kind is "StatefulSet" ? o.Name : o.Controller?.Kind is "DaemonSet" ? o.NodeName : "";
            return $"pod of {o.Controller?.Kind} {named} {o.Phase} ready={pod.IsReady} {(string?)node["spec"]!["containers"]![0]!["image"]}";
        }

        if (o.Kind == PersistentVolumeDefinition.Instance)
        {
            return $"volume of {node["spec"]!["claimRef"]?["name"]} {(o.Name.StartsWith("pvc-", StringComparison.Ordinal) ? "" : o.Name)} {node["status"]!["phase"]} {string.Join(' ', o.Finalizers)}";
        }

        if (o.Kind == PersistentVolumeClaimDefinition.Instance)
        {
            return $"claim {o.Name} {node["status"]!["phase"]} {node["status"]!["capacity"]?["storage"]} of {string.Join(' ', o.Owners.Select(r => r.Kind))}";
        }

        var numbers = (node["status"] as JsonObject ?? []).Where(f => f.Value is JsonValue v && v.TryGetValue<long>(out _) && f.Key is not ("observedGeneration" or "collisionCount")).Select(f => $"{f.Key}={f.Value}");
        var conditions = (node["status"]?["conditions"] as JsonArray ?? []).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c!["type"]}={c["status"]} {c["reason"]}"));
        return $"{o.Kind.Kind} {(o.Controller is null || o.Kind == JobDefinition.Instance ? o.Name : "")} replicas={node["spec"]?["replicas"]} {string.Join(' ', numbers.Order(StringComparer.Ordinal))} [{string.Join(", ", conditions.Order(StringComparer.Ordinal))}]";
    }

    private static Step Create(double at, ResourceDefinition kind, JsonObject o)
    {
        var key = kind.Key((string?)o["metadata"]!["namespace"], (string)o["metadata"]!["name"]!);
        var json = o.ToJsonString(); // As it comes from a client: numbers have no type yet.
        return new Step(at, c => c.CreateFixture(kind, (JsonObject)JsonNode.Parse(json)!), j => j.Find(key) is not null);
    }

    private static Step Change(double at, ResourceDefinition kind, string name, Action<JsonObject> change) => new(at, c => c.Change(kind, kind.Key("default", name), change), j =>
    {
        var spec = j.Find(kind.Key("default", name))!.ToNode()["spec"]!;
        var changed = (JsonObject)spec.DeepClone();
        change(changed);
        return JsonNode.DeepEquals(spec, changed);
    });

    private static Step Delete(double at, ObjectKey key, string propagation) => new(at, c => c.Delete(key, propagation), j => j.Find(key) is null or { IsDeleting: true });

    private static Step[] Scaled(ResourceDefinition kind) =>
    [
        Create(5, kind, Workload("d0", new JsonObject { ["replicas"] = 3 }, selects: kind == ReplicaSetDefinition.Instance)),
        Change(8, kind, "d0", s => s["replicas"] = 6),
        Change(8.2, kind, "d0", s => s["replicas"] = 1),
        Change(20, kind, "d0", s => s["replicas"] = 4),
        Create(21, kind, Workload("d1", new JsonObject { ["replicas"] = 2 }, selects: kind == ReplicaSetDefinition.Instance)),
        Delete(22, kind.Key("default", "d1"), "Background"),
    ];

    private static bool Claims(string name) => name.StartsWith("persistentvolume", StringComparison.Ordinal);

    // Volumes that are made and go, some that stay, and two by hand, of which one is too small.
    private static Step[] Claimed() =>
    [
        Create(5, StatefulSetDefinition.Instance, Workload("d0", WithClaims.Claiming(new JsonObject { ["replicas"] = 2 }, "Delete"))),
        Create(6, PersistentVolumeClaimDefinition.Instance, Object("c0", ByHand("2Gi"))),
        Create(7, PersistentVolumeDefinition.Instance, Volume("v0", "1Gi")),
        Create(8, PersistentVolumeDefinition.Instance, Volume("v1", "5Gi")),
        Create(9, StatefulSetDefinition.Instance, Workload("d1", WithClaims.Claiming(new JsonObject { ["replicas"] = 2 }, "Retain"))),
        Change(12, StatefulSetDefinition.Instance, "d0", s => s["replicas"] = 3),
        Change(16, StatefulSetDefinition.Instance, "d0", s => s["replicas"] = 1),
        Change(20, StatefulSetDefinition.Instance, "d1", s => Container(s)["image"] = "app:2"),
        Grow(24, PersistentVolumeClaimDefinition.Instance.Key("default", "data-d1-0"), "3Gi"),
        Delete(30, StatefulSetDefinition.Instance.Key("default", "d0"), "Foreground"),
        Delete(32, PersistentVolumeClaimDefinition.Instance.Key("default", "c0"), "Background"),
    ];

    // Only a claim that is bound may ask for more.
    private static Step Grow(double at, ObjectKey claim, string size)
    {
        void More(JsonObject spec)
        {
            if (spec["volumeName"] is not null)
            {
                spec["resources"]!["requests"]!["storage"] = size;
            }
        }

        return new Step(at, c => c.Change(PersistentVolumeClaimDefinition.Instance, claim, More), j => (string?)j.Find(claim)?.ToNode()["spec"]!["resources"]!["requests"]!["storage"] == size);
    }

    private static JsonObject ByHand(string size) => new()
    {
        ["accessModes"] = new JsonArray("ReadWriteOnce"),
        ["storageClassName"] = "",
        ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = size } },
    };

    private static JsonObject Volume(string name, string size) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject { ["accessModes"] = new JsonArray("ReadWriteOnce"), ["capacity"] = new JsonObject { ["storage"] = size }, ["hostPath"] = new JsonObject { ["path"] = "/srv" } },
    };

    private static Step[] Rolled(ResourceDefinition kind) =>
    [
        Create(5, kind, Workload("d0", new JsonObject { ["replicas"] = 3, ["revisionHistoryLimit"] = 1 })),
        Change(12, kind, "d0", s => Container(s)["image"] = "app:2"),
        Change(12.5, kind, "d0", s => s["replicas"] = 5),
        Change(14, kind, "d0", s => Container(s)["image"] = "app:3"),
        Create(20, kind, Workload("d1", new JsonObject { ["replicas"] = 2 })),
        Delete(22, kind.Key("default", "d1"), "Foreground"),
        Change(35, kind, "d0", s => s["replicas"] = 2),
    ];

    private static JsonObject Workload(string name, JsonObject spec, string ns = "default", bool selects = true)
    {
        spec["selector"] = selects ? new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = name } } : new JsonObject { ["app"] = name };
        spec["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = name } }, ["spec"] = Pod() };
        return Object(name, spec, ns);
    }

    private static JsonObject Job(string mode = "NonIndexed")
    {
        var pod = Pod();
        pod["restartPolicy"] = "Never";
        return new JsonObject { ["completions"] = 4, ["parallelism"] = 2, ["completionMode"] = mode, ["template"] = new JsonObject { ["spec"] = pod } };
    }

    private static JsonObject Pod() => new()
    {
        ["terminationGracePeriodSeconds"] = 2,
        ["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "app:1", ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "200m" } } }),
    };

    private static JsonObject Object(string name, JsonObject spec, string ns = "default") =>
        new() { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns, ["labels"] = new JsonObject { ["app"] = name } }, ["spec"] = spec };

    /// <summary>What a user wants from a time on.</summary>
    /// <param name="At">The time in seconds, or when what was wanted before is there.</param>
    /// <param name="Do">Asks for it.</param>
    /// <param name="IsDone">Whether it is there.</param>
    internal sealed record Step(double At, Action<SimulatedClient> Do, Func<SimulatedJournal, bool> IsDone);

    private static JsonObject Container(JsonObject spec) => (JsonObject)spec["template"]!["spec"]!["containers"]![0]!;
}
