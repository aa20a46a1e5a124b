using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Kinds.Pods;

/// <summary>A pod is the same whether a client creates it or a replica set does.</summary>
public sealed class PodAdmissionSpec
{
    private const string Spec = """
        {"tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":5}],
         "volumes":[{"name":"v","configMap":{"name":"c"}},{"name":"e"}],
         "initContainers":[{"name":"i","image":"a:1","resources":{"limits":{"cpu":"0.5"}}}],
         "containers":[{"name":"m","image":"b","resources":{"limits":{"memory":"64Mi","cpu":"1"},"requests":{"cpu":"100m"}},
          "ports":[{"containerPort":80}],"readinessProbe":{"httpGet":{"port":"http"}},
          "env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]}]}
        """;

    [Fact]
    public void Both_ways_of_creation_give_equal_pods()
    {
        var posted = (JsonObject)JsonNode.Parse($$$"""{"metadata":{"name":"p","labels":{"app":"web"}},"spec":{{{Spec}}} }""")!;
        Assert.Null(Admitter.Create(PodDefinition.Instance, posted, NoObjects.Instance));
        var made = FromReplicaSet(2);
        Assert.Equal(2, made.Count);
        Assert.All(made, pod => Assert.Equal(Text(posted["spec"]!), Text(pod["spec"]!)));
        Assert.Equal("""{"app":"web"}""", made[0]["metadata"]!["labels"]!.ToJsonString());
    }

    [Fact]
    public void A_pod_of_a_replica_set_is_admitted()
    {
        var spec = FromReplicaSet(1)[0]["spec"]!;
        Assert.Equal("default", (string?)spec["serviceAccountName"]);
        Assert.Equal(("100m", "64Mi"), ((string?)spec["containers"]![0]!["resources"]!["requests"]!["cpu"], (string?)spec["containers"]![0]!["resources"]!["requests"]!["memory"]));
        Assert.Equal([("node.kubernetes.io/not-ready", "NoExecute", 5), ("node.kubernetes.io/unreachable", "NoExecute", 300), ("node.kubernetes.io/memory-pressure", "NoSchedule", null)],
            spec["tolerations"]!.AsArray().Select(t => ((string)t!["key"]!, (string)t["effect"]!, (int?)t["tolerationSeconds"]?.AsInt64())));
    }

    [Theory]
    [InlineData("""{"containers":[{"name":"m","image":"b"}]}""", false)]
    [InlineData("""{"containers":[{"name":"m","image":"b","resources":{"requests":{"cpu":"1m"}}}]}""", true)]
    [InlineData("""{"tolerations":[{"operator":"Exists"}],"containers":[{"name":"m","image":"b","resources":{"requests":{"cpu":"1m"}}}]}""", false)]
    public void Only_pods_that_request_something_are_taken_to_cope_with_little_memory(string spec, bool isTolerant)
    {
        var pod = (JsonObject)JsonNode.Parse($$"""{"metadata":{"name":"p"},"spec":{{spec}} }""")!;
        Assert.Null(Admitter.Create(PodDefinition.Instance, pod, NoObjects.Instance));
        Assert.Equal(isTolerant, pod["spec"]!["tolerations"]!.AsArray().Any(t => (string?)t!["key"] == "node.kubernetes.io/memory-pressure"));
    }

    [Fact]
    public void Of_a_template_that_would_be_refused_one_pod_is_sent_whose_refusal_is_said()
    {
        var node = (JsonObject)JsonNode.Parse($$$"""
            {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"web","namespace":"default","uid":"u","generation":1},
             "spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"} },
              "template":{"metadata":{"labels":{"app":"web"} },"spec":{"containers":[{"name":"Not A Name","image":"i"}]} } } }
            """)!;
        var (set, context) = (KubeObject.From(ReplicaSetDefinition.Instance, node), new PlanContext(DateTimeOffset.UnixEpoch, 1, () => "x", []));
        var plan = new ReplicaSetController().Plan(set, new NoPods(), context);
        var create = Assert.Single(plan.Commands.OfType<CreateObject>());
        Assert.False(create.IsAdmitted);
        var refused = AdmittedDecider.Decide(PodDefinition.Instance, null, create, new DecideContext(DateTimeOffset.UnixEpoch, "p")).Error!;
        Assert.Contains("spec.containers[0].name: Invalid value", refused.Message, StringComparison.Ordinal);

        plan = new ReplicaSetController().Plan(set, new NoPods(), context with { RejectedCommands = [new RejectedCommand(create, refused)] });
        var status = Assert.Single(plan.Commands.OfType<ReplaceObject>());
        var failure = Assert.Single(status.Object["status"]!["conditions"]!.AsArray())!;
        Assert.Equal(("ReplicaFailure", "FailedCreate"), ((string?)failure["type"], (string?)failure["reason"]));
        Assert.Contains("spec.containers[0].name: Invalid value", (string?)failure["message"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nodeName")]
    [InlineData("restartPolicy")]
    [InlineData("dnsPolicy")]
    [InlineData("schedulerName")]
    [InlineData("serviceAccountName")]
    [InlineData("hostname")]
    public void An_empty_text_is_absent(string field)
    {
        var (with, without) = (Admitted($$"""
            "{{field}}": "",
            """), Admitted(""));
        Assert.Equal(Text(without), Text(with));
    }

    [Theory]
    [InlineData("imagePullPolicy")]
    [InlineData("terminationMessagePath")]
    [InlineData("terminationMessagePolicy")]
    public void An_empty_text_in_a_container_is_absent(string field)
    {
        var (with, without) = (Admitted("", $$"""
            "{{field}}": "",
            """), Admitted(""));
        Assert.Equal(Text(without), Text(with));
    }

    private static JsonNode Admitted(string inSpec, string inContainer = "")
    {
        var pod = (JsonObject)JsonNode.Parse($$"""
            { "metadata": { "name": "p" }, "spec": { {{inSpec}} "containers": [ { {{inContainer}} "name": "c", "image": "i",
              "ports": [ { "containerPort": 80, "protocol": "" } ], "livenessProbe": { "httpGet": { "path": "", "port": 80, "scheme": "" } } } ] } }
            """)!;
        Assert.Null(Admitter.Create(PodDefinition.Instance, pod, NoObjects.Instance));
        Assert.Equal(("TCP", "/", "HTTP"), ((string?)pod["spec"]!["containers"]![0]!["ports"]![0]!["protocol"],
            (string?)pod["spec"]!["containers"]![0]!["livenessProbe"]!["httpGet"]!["path"], (string?)pod["spec"]!["containers"]![0]!["livenessProbe"]!["httpGet"]!["scheme"]));
        return pod;
    }

    private static List<JsonObject> FromReplicaSet(int replicas)
    {
        var node = (JsonObject)JsonNode.Parse($$$"""
            {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"web","namespace":"default","uid":"u","generation":1},
             "spec":{"replicas":{{{replicas}}},"selector":{"matchLabels":{"app":"web"} },
              "template":{"metadata":{"labels":{"app":"web"} },"spec":{{{Spec}}} } } }
            """)!;
        Assert.Null(Admitter.Create(ReplicaSetDefinition.Instance, node, NoObjects.Instance));
        var suffix = 0;
        var plan = new ReplicaSetController().Plan(KubeObject.From(ReplicaSetDefinition.Instance, node), new NoPods(),
            new PlanContext(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), 1, () => $"{suffix++}", []));
        return [.. plan.Commands.OfType<CreateObject>().Select(c => c.Object)];
    }

    // Members in order of their names: JSON objects have none.
    private static string Text(JsonNode node) => Sorted(node)!.ToJsonString();

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    private sealed class NoPods : IClusterView
    {
        public ResourceRegistry Registry { get; } = new();

        public IEnumerable<KubeObject> All(ResourceDefinition kind) => [];

        public IEnumerable<KubeObject> All(ResourceDefinition kind, string ns) => [];

        public IReadOnlyCollection<KubeObject> Indexed(IndexKey key) => [];

        public KubeObject? Find(ObjectKey key) => null;

        public KubeObject? ByUid(string uid) => null;
    }
}
