using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.CSIDrivers;
using Orchestrator.Actors.Kinds.CSINodes;
using Orchestrator.Actors.Kinds.CSIStorageCapacities;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.StorageClasses;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Scheduling;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Tests.Scheduling;

/// <summary>Pods with claims.</summary>
public sealed class SchedulerVolumesSpec
{
    private const string Waiting = """{"metadata":{"name":"data","namespace":"default","uid":"c"},"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"local","resources":{"requests":{"storage":"1Gi"}}},"status":{"phase":"Pending"}}""";
    private static readonly string Bound = Waiting.Replace("Pending", "Bound", StringComparison.Ordinal).Replace("\"spec\":{", "\"spec\":{\"volumeName\":\"v\",", StringComparison.Ordinal);

    [Theory]
    [InlineData("none", "0/2 nodes are available: persistentvolumeclaim \"data\" not found.")]
    [InlineData("immediate", "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.")]
    [InlineData("deleting", "0/2 nodes are available: persistentvolumeclaim \"data\" is being deleted.")]
    [InlineData("lost", "0/2 nodes are available: persistentvolumeclaim \"data\" bound to non-existent persistentvolume \"v\".")]
    [InlineData("bound to nowhere", "0/2 nodes are available: 2 node(s) had volume node affinity conflict.")]
    [InlineData("by hand", "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind.")]
    [InlineData("bound to n2", "n2")]
    [InlineData("local", "select n1")] // n2 keeps no volumes
    [InlineData("selected n2", "wait")]
    public void What_its_claim_says_decides(string claim, string expected)
    {
        var world = new World();
        world.Add(StorageClassDefinition.Instance, $$"""{"metadata":{"name":"local","uid":"s"},"provisioner":"{{(claim == "by hand" ? "kubernetes.io/no-provisioner" : LocalVolumes.Provisioner)}}","volumeBindingMode":"{{(claim == "immediate" ? "Immediate" : "WaitForFirstConsumer")}}"}""");
        if (claim.StartsWith("bound to", StringComparison.Ordinal))
        {
            world.Add(PersistentVolumeClaimDefinition.Instance, Bound);
            world.Add(PersistentVolumeDefinition.Instance, Volume(claim.Split(' ')[2]));
        }
        else if (claim != "none")
        {
            world.Add(PersistentVolumeClaimDefinition.Instance, claim switch
            {
                "deleting" => Waiting.Replace("\"uid\":\"c\"", "\"uid\":\"c\",\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"", StringComparison.Ordinal),
                "lost" => Bound.Replace("\"Bound\"", "\"Lost\"", StringComparison.Ordinal),
                "selected n2" => Waiting.Replace("\"uid\":\"c\"", "\"uid\":\"c\",\"annotations\":{\"volume.kubernetes.io/selected-node\":\"n2\"}", StringComparison.Ordinal),
                _ => Waiting,
            });
        }

        world.Add(PodDefinition.Instance, Pod("p"));
        world.Start();
        var said = world.Sent.Select(Said).SingleOrDefault() ?? "wait";
        Assert.StartsWith(expected, said, StringComparison.Ordinal);
    }

    [Fact]
    public void The_room_on_the_chosen_node_is_kept_until_the_claim_is_bound()
    {
        var world = new World();
        world.Add(StorageClassDefinition.Instance, $$"""{"metadata":{"name":"local","uid":"s"},"provisioner":"{{LocalVolumes.Provisioner}}","volumeBindingMode":"WaitForFirstConsumer"}""");
        world.Add(PersistentVolumeClaimDefinition.Instance, Waiting);
        world.Add(PodDefinition.Instance, Pod("p", cpu: "3"));
        world.Start();
        Assert.Equal("node-selected", Assert.IsType<MergeObject>(Assert.Single(world.Sent)).Verb);

        world.Sent.Clear();
        world.Tell(PodDefinition.Instance, "greedy", (JsonObject)JsonNode.Parse(Pod("greedy", cpu: "3", claim: false, node: "n1"))!, "created");
        Assert.Contains("1 Insufficient cpu", Assert.IsType<MergeObject>(Assert.Single(world.Sent)).RecordedEvents[0].Message, StringComparison.Ordinal);

        world.Sent.Clear();
        world.Tell(PersistentVolumeDefinition.Instance, "v", (JsonObject)JsonNode.Parse(Volume("n1"))!, "created");
        Assert.Empty(world.Sent);
        world.Tell(PersistentVolumeClaimDefinition.Instance, "data", new JsonObject { ["spec"] = new JsonObject { ["volumeName"] = "v" }, ["status"] = new JsonObject { ["phase"] = "Bound" } }, "bound");
        Assert.Equal(("p", "n1"), Assert.IsType<BindPod>(Assert.Single(world.Sent)) is var bind ? (bind.Key.Name, bind.Node) : default);
    }

    [Fact]
    public void A_claim_that_went_elsewhere_takes_its_pod_along()
    {
        var world = new World();
        world.Add(StorageClassDefinition.Instance, $$"""{"metadata":{"name":"local","uid":"s"},"provisioner":"{{LocalVolumes.Provisioner}}","volumeBindingMode":"WaitForFirstConsumer"}""");
        world.Add(PersistentVolumeClaimDefinition.Instance, Waiting);
        world.Add(PodDefinition.Instance, Pod("p"));
        world.Start();
        world.Sent.Clear();
        world.Tell(PersistentVolumeDefinition.Instance, "v", (JsonObject)JsonNode.Parse(Volume("n2"))!, "created");
        world.Tell(PersistentVolumeClaimDefinition.Instance, "data", new JsonObject { ["spec"] = new JsonObject { ["volumeName"] = "v" }, ["status"] = new JsonObject { ["phase"] = "Bound" } }, "bound");
        Assert.Equal("n2", Assert.IsType<BindPod>(Assert.Single(world.Sent)).Node);
    }

    [Fact]
    public void Of_two_pods_with_a_claim_for_one_pod_only_one_is_placed()
    {
        var world = new World();
        world.Add(PersistentVolumeClaimDefinition.Instance, Bound.Replace("ReadWriteOnce", "ReadWriteOncePod", StringComparison.Ordinal));
        world.Add(PersistentVolumeDefinition.Instance, Volume("n1"));
        world.Add(PodDefinition.Instance, Pod("p"));
        world.Add(PodDefinition.Instance, Pod("q"));
        world.Start();
        var bound = Assert.Single(world.Sent.OfType<BindPod>());
        Assert.Contains("ReadWriteOncePod access mode", Assert.Single(world.Sent.OfType<MergeObject>()).RecordedEvents[0].Message, StringComparison.Ordinal);

        world.Tell(PodDefinition.Instance, bound.Key.Name, new JsonObject { ["spec"] = new JsonObject { ["nodeName"] = "n1" } }, "scheduled");
        world.Sent.Clear();
        world.Tell(PodDefinition.Instance, bound.Key.Name, null, "deleted");
        Assert.NotEqual(bound.Key.Name, Assert.IsType<BindPod>(Assert.Single(world.Sent)).Key.Name);
    }

    [Fact]
    public void A_pod_that_fits_nowhere_keeps_no_other_from_a_claim_for_one_pod()
    {
        var world = new World();
        world.Add(PersistentVolumeClaimDefinition.Instance, Bound.Replace("ReadWriteOnce", "ReadWriteOncePod", StringComparison.Ordinal));
        world.Add(PersistentVolumeDefinition.Instance, Volume("n1"));
        world.Add(PodDefinition.Instance, Pod("before", node: "nowhere"));
        world.Start();
        Assert.Empty(world.Sent.OfType<BindPod>());

        world.Tell(PodDefinition.Instance, "after", (JsonObject)JsonNode.Parse(Pod("after"))!, "created");
        Assert.Equal("after", Assert.Single(world.Sent.OfType<BindPod>()).Key.Name);
    }

    [Fact]
    public void A_pod_that_is_deleted_before_its_binding_is_stored_leaves_its_claim_to_the_next()
    {
        var world = new World();
        world.Add(PersistentVolumeClaimDefinition.Instance, Bound.Replace("ReadWriteOnce", "ReadWriteOncePod", StringComparison.Ordinal));
        world.Add(PersistentVolumeDefinition.Instance, Volume("n1"));
        world.Add(PodDefinition.Instance, Pod("p"));
        world.Add(PodDefinition.Instance, Pod("q"));
        world.Start();
        var first = Assert.Single(world.Sent.OfType<BindPod>()).Key.Name;

        world.Sent.Clear();
        world.Tell(PodDefinition.Instance, first, new JsonObject { ["metadata"] = new JsonObject { ["deletionTimestamp"] = "2026-01-01T00:00:00Z" } }, "deleting");
        Assert.NotEqual(first, Assert.IsType<BindPod>(Assert.Single(world.Sent)).Key.Name);
    }

    [Fact]
    public void A_provisioner_that_takes_the_node_from_a_claim_has_its_pod_scheduled_anew()
    {
        var world = new World();
        world.Add(StorageClassDefinition.Instance, """{"metadata":{"name":"local","uid":"s"},"provisioner":"example.com/other","volumeBindingMode":"WaitForFirstConsumer"}""");
        world.Add(PersistentVolumeClaimDefinition.Instance, Waiting);
        world.Add(PodDefinition.Instance, Pod("p"));
        world.Start();
        var first = Selected(world);

        // Before the claim has learnt of its node, that it names none says nothing.
        world.Tell(PersistentVolumeClaimDefinition.Instance, "data", new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["a"] = "b" } } }, "patched");
        Assert.Empty(world.Sent);
        world.Tell(PersistentVolumeClaimDefinition.Instance, "data", new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [VolumeAnnotations.SelectedNode] = first } } }, "node-selected");
        world.Answer(new Errand("p", ErrandKind.Select), PersistentVolumeClaimDefinition.Instance.Key("default", "data"));
        Assert.Empty(world.Sent);

        world.Tell(NodeDefinition.Instance, first, new JsonObject { ["spec"] = new JsonObject { ["unschedulable"] = true } }, "patched");
        world.Sent.Clear();
        world.Tell(PersistentVolumeClaimDefinition.Instance, "data", new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = null } }, "patched");
        Assert.NotEqual(first, Selected(world));
    }

    [Fact]
    public void A_claim_that_nobody_provisions_keeps_no_room_for_longer_than_ten_minutes()
    {
        var world = new World();
        world.Add(StorageClassDefinition.Instance, """{"metadata":{"name":"local","uid":"s"},"provisioner":"example.com/away","volumeBindingMode":"WaitForFirstConsumer"}""");
        world.Add(PersistentVolumeClaimDefinition.Instance, Waiting);
        world.Add(PodDefinition.Instance, Pod("p", cpu: "3"));
        world.Start();
        var node = Selected(world);
        world.Tell(PodDefinition.Instance, "greedy", (JsonObject)JsonNode.Parse(Pod("greedy", cpu: "3", claim: false, node: node))!, "created");
        world.Sent.Clear();

        world.Pass(TimeSpan.FromMinutes(9));
        Assert.Empty(world.Sent);
        world.Pass(TimeSpan.FromMinutes(1));
        var said = Assert.Single(world.Sent.OfType<MergeObject>());
        Assert.Equal(("p", "unschedulable"), (said.Key.Name, said.Verb));
        Assert.Contains($"persistentvolumeclaim \"data\" has not been bound on node \"{node}\" for 10 minutes", said.RecordedEvents[0].Message, StringComparison.Ordinal);
        Assert.Equal("greedy", Assert.Single(world.Sent.OfType<BindPod>()).Key.Name);
    }

    private static string Selected(World world)
    {
        var select = Assert.IsType<MergeObject>(Assert.Single(world.Sent));
        world.Sent.Clear();
        return (string)select.Patch["metadata"]!["annotations"]![VolumeAnnotations.SelectedNode]!;
    }

    private static string Pod(string name, string cpu = "1", bool claim = true, string? node = null) => new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default", ["uid"] = name },
        ["status"] = new JsonObject { ["phase"] = "Pending" },
        ["spec"] = new JsonObject
        {
            ["nodeSelector"] = node is null ? null : new JsonObject { ["kubernetes.io/hostname"] = node },
            ["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "i", ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = cpu } } }),
            ["volumes"] = claim ? new JsonArray(new JsonObject { ["name"] = "data", ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = "data" } }) : null,
        },
    }.ToJsonString();

    private static string Volume(string node) => $$$"""
        {"metadata":{"name":"v","uid":"v"},"spec":{"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},"storageClassName":"local","local":{"path":"/v"},"claimRef":{"namespace":"default","name":"data","uid":"c"},
         "nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"kubernetes.io/hostname","operator":"In","values":["{{{node}}}"]}]}]} } },"status":{"phase":"Bound"}}
        """;

    [Theory]
    [InlineData(null, null, "", "select n1")]
    [InlineData(null, null, "n2", "select n2")] // the driver runs there alone
    [InlineData("512Mi", "1Gi", "", "select n2")]
    [InlineData("512Mi", null, "", "0/2 nodes are available: 2 node(s) did not have enough free storage.")]
    [InlineData("2Gi", "2Gi", "none", "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind.")]
    public void A_volume_is_made_where_its_driver_runs_and_has_storage(string? n1, string? n2, string runsOn, string expected)
    {
        var world = new World();
        world.Add(StorageClassDefinition.Instance, """{"metadata":{"name":"local","uid":"s"},"provisioner":"d.example.com","volumeBindingMode":"WaitForFirstConsumer"}""");
        world.Add(CSIDriverDefinition.Instance, $$$"""{"metadata":{"name":"d.example.com","uid":"d"},"spec":{"storageCapacity":{{{(n1 is null ? "false" : "true")}}}}}""");
        foreach (var node in (string[])["n1", "n2"])
        {
            if (runsOn.Length == 0 || runsOn == node)
            {
                world.Add(CSINodeDefinition.Instance, $$$"""{"metadata":{"name":"{{{node}}}","uid":"csi-{{{node}}}"},"spec":{"drivers":[{"name":"d.example.com","nodeID":"{{{node}}}"}]}}""");
            }

            if ((node == "n1" ? n1 : n2) is { } size)
            {
                world.Add(CSIStorageCapacityDefinition.Instance, $$$"""{"metadata":{"name":"c-{{{node}}}","namespace":"kube-system","uid":"c-{{{node}}}"},"storageClassName":"local","capacity":"{{{size}}}","nodeTopology":{"matchLabels":{"kubernetes.io/hostname":"{{{node}}}"} } }""");
            }
        }

        world.Add(PersistentVolumeClaimDefinition.Instance, Waiting);
        world.Add(PodDefinition.Instance, Pod("p"));
        world.Start();
        Assert.StartsWith(expected, Said(world.Sent[0]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "0/2 nodes are available: 1 node(s) exceed max volume count, 1 node(s) had volume node affinity conflict.")]
    [InlineData(2, "n2")]
    public void A_node_takes_as_many_volumes_of_a_driver_as_it_can_have(int count, string expected)
    {
        var world = new World();
        world.Add(CSINodeDefinition.Instance, $$$"""{"metadata":{"name":"n2","uid":"csi-n2"},"spec":{"drivers":[{"name":"d.example.com","nodeID":"n2","allocatable":{"count":{{{count}}} } }]}}""");
        foreach (var name in (string[])["data", "other"])
        {
            world.Add(PersistentVolumeClaimDefinition.Instance, Bound.Replace("\"data\"", $"\"{name}\"", StringComparison.Ordinal).Replace("\"c\"", $"\"c-{name}\"", StringComparison.Ordinal).Replace("\"v\"", $"\"v-{name}\"", StringComparison.Ordinal));
            var volume = (JsonObject)JsonNode.Parse(Volume("n2"))!;
            (volume["metadata"]!["name"], volume["metadata"]!["uid"]) = ($"v-{name}", $"v-{name}");
            volume["spec"]!["csi"] = new JsonObject { ["driver"] = "d.example.com", ["volumeHandle"] = name };
            world.Add(PersistentVolumeDefinition.Instance, volume.ToJsonString());
        }

        var there = (JsonObject)JsonNode.Parse(Pod("there").Replace("\"data\"", "\"other\"", StringComparison.Ordinal))!;
        there["spec"]!["nodeName"] = "n2";
        there["status"] = new JsonObject { ["phase"] = "Running" };
        world.Add(PodDefinition.Instance, there.ToJsonString());
        world.Add(PodDefinition.Instance, Pod("p"));
        world.Start();
        Assert.StartsWith(expected, Said(Assert.Single(world.Sent)), StringComparison.Ordinal);
    }

    private static string Said(ObjectCommand command) => command switch
    {
        BindPod bind => bind.Node,
        MergeObject { Verb: "node-selected" } select => $"select {(string?)select.Patch["metadata"]!["annotations"]![VolumeAnnotations.SelectedNode]}",
        MergeObject mark => mark.RecordedEvents[0].Message,
        _ => command.ToString(),
    };

    // Two nodes of four cores, of which only the first keeps volumes.
    private sealed class World
    {
        private readonly ObjectCache _cache = new();
        private readonly FakeTimeProvider _time = new();
        private readonly List<KubeObject> _objects = [];
        private Scheduler? _scheduler;
        private long _revision;

        public World()
        {
            foreach (var (name, annotations) in ((string, string)[])[("n1", $$"""{"{{LocalVolumes.FolderAnnotation}}":"/volumes"}"""), ("n2", "{}")])
            {
                Add(NodeDefinition.Instance, $$$"""{"metadata":{"name":"{{{name}}}","uid":"{{{name}}}","labels":{"kubernetes.io/hostname":"{{{name}}}"},"annotations":{{{annotations}}} },"status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"} } }""");
            }
        }

        public List<ObjectCommand> Sent { get; } = [];

        public void Add(ResourceDefinition kind, string json)
        {
            var node = JsonMerge.WithoutNulls((JsonObject)JsonNode.Parse(json)!);
            node["metadata"]!["resourceVersion"] = $"{++_revision}";
            _objects.Add(KubeObject.From(kind, node));
        }

        public void Start()
        {
            _cache.Restore(_revision, _objects);
            _scheduler = new Scheduler(_cache, _time, (_, command) => Sent.Add(command));
            _cache.Listen(_scheduler.Follow);
            _scheduler.Start();
        }

        public void Pass(TimeSpan span)
        {
            _time.Advance(span);
            if (_scheduler!.DueIn == TimeSpan.Zero)
            {
                _scheduler.GiveUpOverdue();
            }
        }

        public void Answer(Errand about, ObjectKey key) => _scheduler!.Answered(about, new CommandReply(_cache.Find(key), null));

        public void Tell(ResourceDefinition kind, string name, JsonObject? delta, string verb)
        {
            var e = new ObjectEvent($"{kind.QualifiedSingular}.{verb}.1", DateTimeOffset.UnixEpoch, "test", 0, delta is null || verb != "created" ? delta : JsonMerge.WithoutNulls(delta)) { Revision = ++_revision };
            _cache.Fold([new Committed(kind.Key("default", name).PersistenceId, _revision, e)]);
        }
    }
}
