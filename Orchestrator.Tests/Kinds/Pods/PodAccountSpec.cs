using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ServiceAccounts;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Kinds.Pods;

/// <summary>What a new pod gets of its ServiceAccount.</summary>
public sealed class PodAccountSpec
{
    private const string Folder = "/var/run/secrets/kubernetes.io/serviceaccount";

    [Fact]
    public void A_pod_gets_a_volume_with_token_certificate_and_namespace_in_every_container()
    {
        var spec = Admitted("""{"initContainers":[{"name":"i","image":"i:1"}],"containers":[{"name":"c","image":"i:1"},{"name":"d","image":"i:1","volumeMounts":[{"name":"x","mountPath":"/x"}]}],"volumes":[{"name":"x"}]}""");
        Assert.Equal("default", (string?)spec["serviceAccountName"]);
        var volume = spec["volumes"]!.AsArray()[1]!;
        var name = (string?)volume["name"];
        Assert.Matches("^kube-api-access-[a-z0-9]{5}$", name);
        Assert.Equal("""
            {"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},{"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}},
            {"downwardAPI":{"items":[{"path":"namespace","fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"}}]}}],"defaultMode":420}
            """.Replace("\n", "", StringComparison.Ordinal), volume["projected"]!.ToJsonString());
        var mounts = spec["initContainers"]!.AsArray().Concat(spec["containers"]!.AsArray()).Select(c => c!["volumeMounts"]!.AsArray().Last()!.ToJsonString());
        Assert.Equal(Enumerable.Repeat($$"""{"name":"{{name}}","readOnly":true,"mountPath":"{{Folder}}"}""", 3), mounts);
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(true, null, true)]
    [InlineData(false, null, false)]
    [InlineData(null, false, false)]
    [InlineData(null, true, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, false)]
    public void The_pod_or_else_the_account_can_opt_out(bool? pod, bool? account, bool isMounted)
    {
        var spec = Admitted($$"""{"containers":[{"name":"c","image":"i:1"}],"serviceAccountName":"robot"{{Field(pod)}} }""", $$"""{"metadata":{"name":"robot","namespace":"ns"}{{Field(account)}} }""");
        Assert.Equal(isMounted, spec["volumes"] is not null);
        Assert.Equal(isMounted, spec["containers"]![0]!["volumeMounts"] is not null);

        static string Field(bool? value) => value is null ? "" : $",\"automountServiceAccountToken\":{(value.Value ? "true" : "false")}";
    }

    [Fact]
    public void A_container_that_mounts_something_of_its_own_there_keeps_it()
    {
        var spec = Admitted($$"""{"containers":[{"name":"c","image":"i:1","volumeMounts":[{"name":"x","mountPath":"{{Folder}}"}]}],"volumes":[{"name":"x"}]}""");
        Assert.Single(spec["volumes"]!.AsArray());
        Assert.Equal("x", (string?)Assert.Single(spec["containers"]![0]!["volumeMounts"]!.AsArray())!["name"]);
    }

    [Fact]
    public void A_pod_made_from_the_manifest_of_another_keeps_its_volume()
    {
        var first = Admitted("""{"containers":[{"name":"c","image":"i:1"}]}""");
        var again = Admitted(first.ToJsonString(), name: "other");
        Assert.Equal(first["volumes"]!.ToJsonString(), again["volumes"]!.ToJsonString());
    }

    [Theory]
    [InlineData("\"serviceAccountName\":\"robot\"", "robot")]
    [InlineData("\"serviceAccount\":\"robot\"", "robot")]
    [InlineData("\"serviceAccountName\":\"\"", "default")]
    public void The_account_is_the_one_that_is_named(string field, string account) => Assert.Equal(account,
        (string?)Admitted($$"""{"containers":[{"name":"c","image":"i:1"}],{{field}} }""", """{"metadata":{"name":"robot","namespace":"ns"}}""")["serviceAccountName"]);

    [Theory]
    [InlineData("", """[{"name":"of-account"}]""")]
    [InlineData(",\"imagePullSecrets\":[]", """[{"name":"of-account"}]""")]
    [InlineData(",\"imagePullSecrets\":[{\"name\":\"own\"}]", """[{"name":"own"}]""")]
    public void The_pull_secrets_of_the_account_are_those_of_pods_without(string field, string secrets) => Assert.Equal(secrets, Admitted(
        $$"""{"containers":[{"name":"c","image":"i:1"}],"serviceAccountName":"robot"{{field}} }""",
        """{"metadata":{"name":"robot","namespace":"ns"},"imagePullSecrets":[{"name":"of-account"}]}""")["imagePullSecrets"]!.ToJsonString());

    [Fact]
    public void A_pod_of_an_account_that_does_not_exist_is_refused()
    {
        var refused = Admit("""{"containers":[{"name":"c","image":"i:1"}],"serviceAccountName":"robot"}""", """{"metadata":{"name":"robot","namespace":"other"}}""", "p").Error!;
        Assert.Equal((ApiReason.Forbidden, "pods \"p\" is forbidden: error looking up service account ns/robot: serviceaccount \"robot\" not found"), (refused.Reason, refused.Message));
    }

    [Theory]
    [InlineData("""{"expirationSeconds":10,"path":"t"}""", "expirationSeconds")]
    [InlineData("""{"path":""}""", "path")]
    [InlineData("""{"path":"../t"}""", "path")]
    [InlineData("""{"path":"/t"}""", "path")]
    public void A_source_of_a_token_is_checked(string source, string field)
    {
        var refused = Admit($$"""{"containers":[{"name":"c","image":"i:1"}],"volumes":[{"name":"v","projected":{"sources":[{"serviceAccountToken":{{source}} }]} }]}""", null, "p").Error!;
        Assert.Contains(refused.Causes, c => c.Field == $"spec.volumes[0].projected.sources[0].serviceAccountToken.{field}");
    }

    private static JsonObject Admitted(string spec, string? account = null, string name = "p")
    {
        var (pod, error) = Admit(spec, account, name);
        Assert.Null(error);
        return pod["spec"]!.AsObject();
    }

    private static (JsonObject Pod, ApiError? Error) Admit(string spec, string? account, string name)
    {
        var pod = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "ns" }, ["spec"] = JsonNode.Parse(spec) };
        return (pod, Admitter.Create(PodDefinition.Instance, pod, account is null ? NoObjects.Instance : new One(KubeObject.From(ServiceAccountDefinition.Instance, JsonNode.Parse(account)!.AsObject()))));
    }

    private sealed class One(KubeObject o) : IAdmissionView
    {
        public IEnumerable<KubeObject> All(ResourceDefinition kind) => o.Kind == kind ? [o] : [];

        public IEnumerable<KubeObject> All(ResourceDefinition kind, string ns) => All(kind).Where(x => x.Namespace == ns);

        public KubeObject? Find(ObjectKey key) => o.Key == key ? o : null;
    }
}
