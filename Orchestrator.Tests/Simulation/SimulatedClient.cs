using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.CronJobs;
using Orchestrator.Actors.Kinds.DaemonSets;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Kinds.StatefulSets;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Simulation;

/// <summary>Users: they create, scale, change and delete objects through what the API server does to a request, and remember the answers.</summary>
internal sealed class SimulatedClient(World world)
{
    private const string By = "user";
    private static readonly ResourceDefinition[] Kinds = [DeploymentDefinition.Instance, ReplicaSetDefinition.Instance, PodDefinition.Instance];
    private static readonly ResourceDefinition[] Sets = [StatefulSetDefinition.Instance, DaemonSetDefinition.Instance];
    private readonly ResourceDefinition[] _kinds =
    [
        .. Kinds,
        .. world.Parts.HasJobs ? (ResourceDefinition[])[JobDefinition.Instance] : [],
        .. world.Parts.HasAutoscalers ? (ResourceDefinition[])[HorizontalPodAutoscalerDefinition.Instance] : [],
        .. world.Parts.HasSets ? Sets : [],
        .. world.Parts.HasCronJobs ? (ResourceDefinition[])[CronJobDefinition.Instance] : [],
    ];
    private readonly Life _life = new();
    private readonly HashSet<ObjectKey> _doomed = [];
    private int _number;

    /// <summary>Whether a user ever asked to delete an object, its namespace, or anything above it.</summary>
    public bool IsDoomed(ObjectKey key) => _doomed.Contains(key) || (key.Namespace.Length > 0 && _doomed.Contains(NamespaceDefinition.Instance.Key(null, key.Namespace)));

    /// <summary>Asks for one thing or another.</summary>
    public void Act()
    {
        if (world.Parts.Act(world))
        {
            return;
        }

        var random = world.Random;
        var existing = world.Journal.Objects.Values.Where(o => _kinds.Contains(o.Kind)).ToList();
        if (existing.Count == 0 || random.Next(4) == 0)
        {
            CreateAny();
            return;
        }

        // Pods are many; a user seldom touches one.
        var chosen = existing[random.Next(existing.Count)];
        chosen = chosen.Kind == PodDefinition.Instance && random.Next(3) > 0 ? existing[random.Next(existing.Count)] : chosen;
        switch (random.Next(16))
        {
            case < 11 when chosen.Kind == JobDefinition.Instance:
                Change(chosen.Kind, chosen.Key, spec => (spec["suspend"], spec["parallelism"]) = (random.Next(3) == 0, 1 + random.Next(3)));
                break;
            case < 11 when chosen.Kind == HorizontalPodAutoscalerDefinition.Instance:
                Change(chosen.Kind, chosen.Key, spec => spec["maxReplicas"] = 2 + random.Next(4));
                break;
            case < 11 when chosen.Kind == CronJobDefinition.Instance:
                Change(chosen.Kind, chosen.Key, spec => spec["suspend"] = random.Next(3) == 0);
                break;
            case < 6 when chosen.Kind == DaemonSetDefinition.Instance:
                Change(chosen.Kind, chosen.Key, spec => spec["minReadySeconds"] = random.Next(3));
                break;
            case < 6:
                Change(chosen.Kind, chosen.Key, spec => spec["replicas"] = random.Next(5));
                break;
            case < 11:
                Change(chosen.Kind, chosen.Key, spec => Container(spec)["image"] = $"app:{random.Next(3)}");
                break;
            case < 14:
                Delete(chosen.Key);
                break;
            case 14:
                Delete(NamespaceDefinition.Instance.Key(null, "team"));
                break;
            default:
                CreateNamespace("team");
                break;
        }
    }

    private void CreateAny()
    {
        var random = world.Random;
        var kind = world.Parts.HasCronJobs && random.Next(3) > 0 ? CronJobDefinition.Instance
            : world.Parts.HasJobs && random.Next(3) > 0 ? JobDefinition.Instance
            : world.Parts.HasSets && random.Next(3) > 0 ? Sets[random.Next(3) == 0 ? 1 : 0]
            : world.Parts.HasAutoscalers && random.Next(3) == 0 ? HorizontalPodAutoscalerDefinition.Instance : Kinds[random.Next(6) switch { < 4 => 0, 4 => 1, _ => 2 }];
        Create(kind, kind.Key(random.Next(4) == 0 ? "team" : "default", $"{(kind == DaemonSetDefinition.Instance ? 'a' : kind.Singular[0])}{random.Next(2)}"));
    }

    /// <summary>Creates a namespace.</summary>
    public void CreateNamespace(string name) =>
        Write(NamespaceDefinition.Instance, new CreateObject(NamespaceDefinition.Instance.Key(null, name), new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, By));

    /// <summary>Creates an object as it is.</summary>
    public void CreateFixture(ResourceDefinition kind, JsonObject o)
    {
        var key = kind.Key((string?)o["metadata"]!["namespace"], (string)o["metadata"]!["name"]!);
        if (key.Namespace.Length == 0 || IsThere(world.Hosts[0], key.Namespace))
        {
            Write(kind, new CreateObject(key, (JsonObject)o.DeepClone(), By));
        }
    }

    private static bool IsThere(ControlHost host, string ns) => host.IsUp && host.Cache.Snapshot(NamespaceDefinition.Instance).Find("", ns) is { IsDeleting: false };

    private void Create(ResourceDefinition kind, ObjectKey key)
    {
        var hosts = world.Hosts.Where(h => h.IsUp).ToList();
        if (hosts.Count == 0 || hosts[world.Random.Next(hosts.Count)] is not { } host || !IsThere(host, key.Namespace))
        {
            return;
        }

        var o = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace, ["labels"] = new JsonObject { ["app"] = key.Name } },
            ["spec"] = kind == PodDefinition.Instance ? Pod() : kind == JobDefinition.Instance ? Job() : kind == CronJobDefinition.Instance ? CronJob() : kind == HorizontalPodAutoscalerDefinition.Instance ? Autoscaler(key.Name) : Workload(kind, key.Name),
        };
        world.Parts.Want(world, kind, o);
        if (Admitter.Create(kind, o, host.Cache) is { } error)
        {
            if (error.Reason == ApiReason.Forbidden)
            {
                // It names a class that is not there yet.
                return;
            }

            throw new SimulationViolation($"the client's {key} is not admitted: {error.Message}");
        }

        Write(kind, new CreateObject(key, o, By) { IsAdmitted = true });
    }

    private JsonObject Workload(ResourceDefinition kind, string name)
    {
        var random = world.Random;
        var spec = new JsonObject
        {
            ["replicas"] = random.Next(5),
            ["minReadySeconds"] = random.Next(3) == 0 ? 3 : 0,
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = name } },
            ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = name } }, ["spec"] = Pod() },
        };
        if (kind == DeploymentDefinition.Instance)
        {
            spec["revisionHistoryLimit"] = random.Next(3);
            spec["strategy"] = new JsonObject { ["type"] = random.Next(4) == 0 ? "Recreate" : "RollingUpdate" };
        }
        else if (kind == StatefulSetDefinition.Instance)
        {
            spec["serviceName"] = name;
            spec["revisionHistoryLimit"] = random.Next(3);
            spec["podManagementPolicy"] = random.Next(3) == 0 ? "Parallel" : "OrderedReady";
        }
        else if (kind == DaemonSetDefinition.Instance)
        {
            spec.Remove("replicas");
            spec["updateStrategy"] = new JsonObject { ["rollingUpdate"] = random.Next(2) == 0 ? new JsonObject { ["maxSurge"] = 1, ["maxUnavailable"] = 0 } : new JsonObject { ["maxUnavailable"] = 1 + random.Next(2) } };
        }

        return spec;
    }

    private JsonObject Job()
    {
        var (random, pod) = (world.Random, Pod());
        pod["restartPolicy"] = "Never";
        return new JsonObject
        {
            ["completions"] = random.Next(5),
            ["parallelism"] = 1 + random.Next(3),
            ["backoffLimit"] = random.Next(4),
            ["podReplacementPolicy"] = random.Next(2) == 0 ? "Failed" : "TerminatingOrFailed",
            ["template"] = new JsonObject { ["spec"] = pod },
        };
    }

    private JsonObject CronJob()
    {
        var random = world.Random;
        return new JsonObject
        {
            ["schedule"] = $"*/{1 + random.Next(3)} * * * *",
            ["concurrencyPolicy"] = random.Next(3) switch { 0 => "Allow", 1 => "Forbid", _ => "Replace" },
            ["successfulJobsHistoryLimit"] = random.Next(3),
            ["failedJobsHistoryLimit"] = random.Next(2),
            ["startingDeadlineSeconds"] = random.Next(2) == 0 ? 90 : null,
            ["jobTemplate"] = new JsonObject { ["spec"] = Job() },
        };
    }

    // Of the deployment with the same number.
    private JsonObject Autoscaler(string name) => new()
    {
        ["scaleTargetRef"] = new JsonObject { ["apiVersion"] = "apps/v1", ["kind"] = "Deployment", ["name"] = $"d{name[1..]}" },
        ["minReplicas"] = 1 + world.Random.Next(2),
        ["maxReplicas"] = 2 + world.Random.Next(4),
        ["metrics"] = new JsonArray(new JsonObject
        {
            ["type"] = "Resource",
            ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = 50 } },
        }),
    };

    private JsonObject Pod() => new()
    {
        ["terminationGracePeriodSeconds"] = 2,
        ["containers"] = new JsonArray(new JsonObject
        {
            ["name"] = "c",
            ["image"] = $"app:{world.Random.Next(3)}",
            ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "200m" } },
        }),
    };

    private static JsonObject Container(JsonObject spec) => (JsonObject)((spec["template"]?["spec"] ?? spec)["containers"]![0]!);

    /// <summary>Changes an object's spec, or the object if it has none.</summary>
    public void Change(ResourceDefinition kind, ObjectKey key, Action<JsonObject> change, int tries = 5)
    {
        Ask(new GetObject(key, By), read =>
        {
            if (read.Object is not { IsDeleting: false } current || (kind == PodDefinition.Instance && tries == 0))
            {
                return;
            }

            var o = current.ToNode();
            change(o["spec"] as JsonObject ?? o);
            if (kind == PodDefinition.Instance)
            {
                ((JsonObject)o["spec"]!).Remove("replicas");
            }

            // A claim that grows asks its class.
            if (Admitter.Update(kind, o, current, (world.Parts.HasClaims ? world.Hosts.FirstOrDefault(h => h.IsUp)?.Cache : null) ?? (IAdmissionView)NoObjects.Instance) is { } error)
            {
                throw new SimulationViolation($"the client's change of {key} is not admitted: {error.Message}");
            }

            Write(kind, new ReplaceObject(key, o, "", current.Revision, By), refused =>
            {
                if (refused.Reason == ApiReason.Conflict && tries > 1)
                {
                    Change(kind, key, change, tries - 1);
                }
            });
        });
    }

    private void Delete(ObjectKey key) => Delete(key, world.Random.Next(6) switch { 0 => "Foreground", 1 => "Orphan", _ => "Background" });

    /// <summary>Deletes an object.</summary>
    public void Delete(ObjectKey key, string propagation)
    {
        _doomed.Add(key);
        Write(world.Hosts[0].Cache.Registry.ByResource(key.Resource)!, new DeleteObject(key, By, Propagation: propagation));
    }

    private void Write(ResourceDefinition kind, ObjectCommand command, Action<ApiError>? refused = null)
    {
        var what = $"{command.GetType().Name} {kind.Singular} {command.Key.Namespace}/{command.Key.Name} {++_number}";
        world.Trace.Note($"{By} asks: {what}");
        Ask(command, reply =>
        {
            world.Trace.Note($"{By} gets: {what}: {(reply.Error is { } e ? e.Message : $"done at {reply.Revision}")}");
            if (reply.Error is { } error)
            {
                refused?.Invoke(error);
            }
            else
            {
                world.Invariants.Acknowledged(command, reply);
            }
        });
    }

    private void Ask(ObjectCommand command, Action<CommandReply> answered)
    {
        var isAnswered = false;
        void Once(CommandReply reply)
        {
            if (!isAnswered)
            {
                isAnswered = true;
                answered(reply);
            }
        }

        world.Network.Command($"{By} {_number} {world.Time.Now}", _life, command, Once);
        world.Time.After(ObjectCommand.ReplyBound, () => Once(command.Unanswered(ObjectCommand.ReplyBound)));
    }
}
