using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api.Patches;
using Orchestrator.Actors.Resources;
using Orchestrator.Cli.Manifests;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Cli;

/// <summary>Client-side apply: the three-way patch, and what apply says.</summary>
public class ApplySpec
{
    private const string ObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    [Theory]
    // Nothing to do: the server's own fields and defaults stay.
    [InlineData("{\"spec\":{\"replicas\":3}}", "{\"spec\":{\"replicas\":3}}", "{\"spec\":{\"replicas\":3,\"paused\":false},\"status\":{}}", "{}")]
    // A change.
    [InlineData("{\"spec\":{\"replicas\":3}}", "{\"spec\":{\"replicas\":5}}", "{\"spec\":{\"replicas\":3}}", "{\"spec\":{\"replicas\":5}}")]
    // Someone else's change is taken back, where the manifest says something.
    [InlineData("{\"spec\":{\"replicas\":3}}", "{\"spec\":{\"replicas\":3}}", "{\"spec\":{\"replicas\":9}}", "{\"spec\":{\"replicas\":3}}")]
    // What the manifest no longer says is removed; what others added stays.
    [InlineData("{\"a\":1,\"b\":2}", "{\"a\":1}", "{\"a\":1,\"b\":2,\"c\":3}", "{\"b\":null}")]
    // Removed from the manifest and already gone.
    [InlineData("{\"a\":1,\"b\":2}", "{\"a\":1}", "{\"a\":1}", "{}")]
    // Containers merge by name; defaults inside them stay.
    [InlineData("{\"containers\":[{\"name\":\"web\",\"image\":\"x:1\"}]}", "{\"containers\":[{\"name\":\"web\",\"image\":\"x:2\"}]}",
        "{\"containers\":[{\"name\":\"web\",\"image\":\"x:1\",\"imagePullPolicy\":\"Always\"},{\"name\":\"injected\"}]}", "{\"containers\":[{\"image\":\"x:2\",\"name\":\"web\"}]}")]
    // A container taken out of the manifest goes; one that others injected stays.
    [InlineData("{\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]}", "{\"containers\":[{\"name\":\"a\"}]}",
        "{\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"}]}", "{\"containers\":[{\"name\":\"b\",\"$patch\":\"delete\"}]}")]
    // What is put before others says where it stands; what it stands before is not repeated.
    [InlineData(null, "{\"env\":[{\"name\":\"HOST\"},{\"name\":\"URL\"}]}", "{\"env\":[{\"name\":\"URL\"},{\"name\":\"INJECTED\"}]}",
        "{\"env\":[{\"name\":\"HOST\"}],\"$setElementOrder/env\":[{\"name\":\"HOST\"},{\"name\":\"URL\"}]}", "Container")]
    // Another order is a change even when no item is another.
    [InlineData(null, "{\"spec\":{\"ports\":[{\"port\":2},{\"port\":1}]}}", "{\"spec\":{\"ports\":[{\"port\":1,\"protocol\":\"TCP\"},{\"port\":2}]}}",
        "{\"spec\":{\"$setElementOrder/ports\":[{\"port\":2},{\"port\":1}]}}", "Service")]
    // Items of others, wherever they stand, do not disturb the order.
    [InlineData(null, "{\"env\":[{\"name\":\"A\"},{\"name\":\"B\"}]}", "{\"env\":[{\"name\":\"X\"},{\"name\":\"A\"},{\"name\":\"Y\"},{\"name\":\"B\"}]}", "{}", "Container")]
    // Finalizers of others stay; those that the manifest no longer names go.
    [InlineData("{\"finalizers\":[\"a/1\",\"a/2\"]}", "{\"finalizers\":[\"a/3\",\"a/2\"]}", "{\"finalizers\":[\"a/1\",\"b/1\",\"a/2\"]}",
        "{\"$deleteFromPrimitiveList/finalizers\":[\"a/1\"],\"finalizers\":[\"a/3\"],\"$setElementOrder/finalizers\":[\"a/3\",\"a/2\"]}", ObjectMeta)]
    [InlineData("{\"finalizers\":[\"a/1\"]}", "{\"finalizers\":[\"a/1\"]}", "{\"finalizers\":[\"b/1\",\"a/1\"]}", "{}", ObjectMeta)]
    // Lists without identities are replaced as a whole.
    [InlineData("{\"args\":[\"a\"]}", "{\"args\":[\"a\",\"b\"]}", "{\"args\":[\"a\"]}", "{\"args\":[\"a\",\"b\"]}")]
    // An empty object that is new may say something, such as which volume it is.
    [InlineData("{\"a\":{\"b\":1}}", "{\"a\":{},\"c\":{}}", "{}", "{\"a\":{},\"c\":{}}")]
    // 1 and 1.0 are the same number; an empty object that the server dropped is no change.
    [InlineData("{\"annotations\":{}}", "{\"a\":1.0,\"annotations\":{}}", "{\"a\":1}", "{}")]
    public void The_patch_has_only_what_must_change(string? applied, string wanted, string live, string patch, string component = "PodSpec")
    {
        var rules = MergeRules.Of(PublishedSchemas.Document("api/v1"), component.Contains('.', StringComparison.Ordinal) ? component : $"io.k8s.api.core.v1.{component}");
        Assert.Equal(patch, ThreeWayPatch.Compute(applied is null ? null : Parse(applied), Parse(wanted), Parse(live), rules).ToJsonString());
    }

    [Theory]
    // A port that the manifest no longer has goes, although two others have the same number.
    [InlineData("Service", """{"spec":{"ports":[{"name":"u","port":53},{"name":"t","port":53},{"name":"m","port":9153}]}}""",
        """{"spec":{"ports":[{"name":"u","port":53},{"name":"t","port":53}]}}""",
        """{"spec":{"ports":[{"name":"u","port":53},{"name":"t","port":53},{"name":"m","port":9153}]}}""",
        """{"spec":{"ports":[{"name":"u","port":53},{"name":"t","port":53}]}}""")]
    // Two new ports of the same number stay two: in a new list, and in one of a new container.
    [InlineData("Service", null, """{"spec":{"ports":[{"name":"u","port":53},{"name":"t","port":53}]}}""", """{"spec":{"type":"ExternalName"}}""",
        """{"spec":{"type":"ExternalName","ports":[{"name":"u","port":53},{"name":"t","port":53}]}}""")]
    [InlineData("Pod", null, """{"spec":{"containers":[{"name":"dns","ports":[{"name":"u","containerPort":53},{"name":"t","containerPort":53}]}]}}""",
        """{"spec":{"containers":[{"name":"injected"}]}}""",
        """{"spec":{"containers":[{"name":"dns","ports":[{"name":"u","containerPort":53},{"name":"t","containerPort":53}]},{"name":"injected"}]}}""")]
    // Another strategy takes the server's defaults of the one before with it; the same strategy keeps them.
    [InlineData("Deployment", """{"spec":{"replicas":1}}""", """{"spec":{"replicas":1,"strategy":{"type":"Recreate"}}}""",
        """{"spec":{"replicas":1,"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%"}}}}""",
        """{"spec":{"replicas":1,"strategy":{"type":"Recreate"}}}""")]
    [InlineData("Deployment", null, """{"spec":{"replicas":2,"strategy":{"type":"RollingUpdate"}}}""",
        """{"spec":{"replicas":1,"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%"}}}}""",
        """{"spec":{"replicas":2,"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%"}}}}""")]
    // A volume is of one type, also if that type has no fields, and whoever set the one before.
    [InlineData("Pod", """{"spec":{"volumes":[{"name":"data","hostPath":{"path":"/x"}}]}}""", """{"spec":{"volumes":[{"name":"data","emptyDir":{}}]}}""",
        """{"spec":{"volumes":[{"name":"data","hostPath":{"path":"/x","type":""}},{"name":"injected"}]}}""",
        """{"spec":{"volumes":[{"name":"data","emptyDir":{}},{"name":"injected"}]}}""")]
    [InlineData("Pod", null, """{"spec":{"volumes":[{"name":"data","configMap":{"name":"c"}}]}}""", """{"spec":{"volumes":[{"name":"data","secret":{"secretName":"s"}}]}}""",
        """{"spec":{"volumes":[{"name":"data","configMap":{"name":"c"}}]}}""")]
    public void The_server_makes_of_the_patch_what_the_manifest_says(string kind, string? applied, string wanted, string live, string result)
    {
        var definition = new ResourceRegistry().All.Single(k => k.Kind == kind);
        var (root, component) = definition.Group.Length == 0 ? ("api/v1", $"io.k8s.api.core.v1.{kind}") : ("apis/apps/v1", $"io.k8s.api.apps.v1.{kind}");
        var patch = ThreeWayPatch.Compute(applied is null ? null : Parse(applied), Parse(wanted), Parse(live), MergeRules.Of(PublishedSchemas.Document(root), component));
        var (patched, error) = StrategicMergePatch.Apply(Parse(live), patch, definition.Schema);
        Assert.Null(error);
        Assert.True(JsonNode.DeepEquals(Parse(result), patched), patched!.ToJsonString());
    }

    [Fact]
    public void Last_applied_is_the_manifest_without_itself()
    {
        var first = LastApplied.Annotated(Parse("""{"kind":"Pod","metadata":{"name":"a","annotations":{"x":"y"}}}"""));
        var again = LastApplied.Annotated(first);
        Assert.Equal(first.ToJsonString(), again.ToJsonString());
        Assert.Equal("""{"kind":"Pod","metadata":{"annotations":{"x":"y"},"name":"a"}}""", LastApplied.Of(first)!.ToJsonString());
    }

    [Fact]
    public void Last_applied_escapes_as_Go_does() => Assert.Equal("""{"metadata":{"annotations":{}},"text":"\u003ca\u003e \u0026 'ü' \""}""" + "\n",
        LastApplied.Annotated(Parse("""{"text":"<a> & 'ü' \"","metadata":{}}"""))["metadata"]!["annotations"]![LastApplied.Annotation]!.GetValue<string>());

    [Fact]
    public void An_annotation_that_differs_in_layout_only_is_no_change()
    {
        var wanted = LastApplied.Annotated(Parse("""{"metadata":{"name":"a"},"b":1}"""));
        var live = (JsonObject)wanted.DeepClone();
        live["metadata"]!["annotations"]![LastApplied.Annotation] = """{ "b": 1, "metadata": {"name": "a", "annotations": {}} }""";
        Assert.Empty(ThreeWayPatch.Compute(LastApplied.Of(live), wanted, live, MergeRules.None));
    }

    [Fact]
    public async Task What_is_not_there_is_created_with_what_was_applied()
    {
        using var cluster = new FakeCluster();
        cluster.On("POST /apis/apps/v1/namespaces/default/deployments?fieldValidation=Strict", Web(3), HttpStatusCode.Created);
        Assert.Equal(0, await cluster.OrcAsync("apply -f -", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n"));
        Assert.Equal("deployment.apps/web created\n", cluster.Output);
        var (_, _, _, body) = cluster.Requests[^1];
        Assert.Equal("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"annotations":{},"name":"web","namespace":"default"},"spec":{"replicas":3}}""" + "\n",
            body!["metadata"]!["annotations"]![LastApplied.Annotation]!.GetValue<string>());
    }

    [Theory]
    [InlineData(3, "unchanged", false)]
    [InlineData(5, "configured", true)]
    public async Task What_is_there_is_patched_only_if_it_differs(int replicas, string said, bool isPatched)
    {
        using var cluster = new FakeCluster();
        cluster.On("GET /apis/apps/v1/namespaces/default/deployments/web", Web(3));
        cluster.On("PATCH /apis/apps/v1/namespaces/default/deployments/web?fieldValidation=Strict", Web(replicas));
        Assert.Equal(0, await cluster.OrcAsync("apply -f -", $"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{replicas: {replicas}}}\n"));
        Assert.Equal($"deployment.apps/web {said}\n", cluster.Output);
        Assert.Equal(isPatched, cluster.Requests.Any(r => r.Type == "application/strategic-merge-patch+json"));
    }

    [Fact]
    public async Task The_schemas_of_a_version_are_read_once()
    {
        using var cluster = new FakeCluster();
        cluster.On("GET /apis/apps/v1/namespaces/default/deployments/web", Web(3));
        cluster.Refuse("PATCH /apis/apps/v1/namespaces/default/deployments/web?fieldValidation=Strict", HttpStatusCode.Conflict, "Conflict", "it changed");
        cluster.Then("PATCH /apis/apps/v1/namespaces/default/deployments/web?fieldValidation=Strict", Web(5));
        cluster.On("GET /api/v1/namespaces/default/pods/web", Pod(("url", "host")));
        Assert.Equal(0, await cluster.OrcAsync("apply -f -", $"{Web(5)}\n---\n{Web(3)}\n---\n{Pod(("url", "host"))}\n"));
        Assert.Equal("deployment.apps/web configured\ndeployment.apps/web unchanged\npod/web unchanged\n", cluster.Output);
        Assert.Equal(["GET /openapi/v3/apis/apps/v1", "GET /openapi/v3/api/v1"],
            cluster.Requests.Select(r => r.Request).Where(r => r.Contains("/openapi/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Another_order_is_configured_and_then_unchanged()
    {
        using var cluster = new FakeCluster();
        cluster.On("GET /api/v1/namespaces/default/pods/web", Pod(("url", "host")));
        cluster.On("PATCH /api/v1/namespaces/default/pods/web?fieldValidation=Strict", Pod(("host", "url")));
        Assert.Equal(0, await cluster.OrcAsync("apply -f -", Pod(("host", "url"))));
        Assert.Equal("pod/web configured\n", cluster.Output);
        var sent = cluster.Requests[^1].Body!["spec"]!["containers"]![0]!;
        Assert.Equal("""{"$setElementOrder/env":[{"name":"host"},{"name":"url"}],"name":"main"}""", sent.ToJsonString());

        cluster.On("GET /api/v1/namespaces/default/pods/web", Pod(("host", "url")));
        Assert.Equal(0, await cluster.OrcAsync("apply -f -", Pod(("host", "url"))));
        Assert.EndsWith("pod/web unchanged\n", cluster.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_refusal_does_not_keep_the_others()
    {
        using var cluster = new FakeCluster();
        cluster.Refuse("POST /api/v1/namespaces/default/pods?fieldValidation=Strict", HttpStatusCode.UnprocessableEntity, "Invalid", "Pod \"a\" is invalid");
        cluster.On("POST /api/v1/namespaces/default/configmaps?fieldValidation=Strict", """{"metadata":{"name":"b"}}""", HttpStatusCode.Created);
        Assert.Equal(1, await cluster.OrcAsync("apply -f -", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n"));
        Assert.Equal("configmap/b created\n", cluster.Output);
        Assert.Equal("Error from server (Invalid): Pod \"a\" is invalid (in standard input)\n", cluster.Error);
    }

    [Theory]
    [InlineData("apply -f /no/such.yaml", "", "The file /no/such.yaml does not exist: specify another one, or - for standard input.")]
    [InlineData("apply -f -", "a: 1", "standard input has a document without apiVersion and kind: every object needs both.")]
    [InlineData("apply -f -", "apiVersion: v9\nkind: Pod", "The server has no kind \"Pod\" in version \"v9\": 'orc api-resources' lists those it has.")]
    [InlineData("apply -f - -n shop", "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: other}}", "standard input has pod a in namespace other, but --namespace is shop: use the same namespace.")]
    public async Task Mistakes_are_told_in_one_sentence(string line, string input, string error)
    {
        using var cluster = new FakeCluster();
        Assert.Equal(1, await cluster.OrcAsync(line, input));
        Assert.Equal(error + "\n", cluster.Error);
    }

    [Theory]
    [InlineData("apply -f -", "?fieldValidation=Strict")]
    [InlineData("apply -f - --validate=strict", "?fieldValidation=Strict")]
    [InlineData("create -f - --validate", "?fieldValidation=Strict")]
    [InlineData("create -f - --validate=true", "?fieldValidation=Strict")]
    [InlineData("apply -f - --validate=warn", "?fieldValidation=Warn")]
    [InlineData("create -f - --validate=false", "?fieldValidation=Ignore")]
    [InlineData("apply -f - --validate=ignore --dry-run=server", "?dryRun=All&fieldValidation=Ignore")]
    public async Task The_server_is_told_what_unknown_fields_are(string line, string query)
    {
        using var cluster = new FakeCluster();
        cluster.On($"POST /api/v1/namespaces/default/configmaps{query}", """{"metadata":{"name":"b"}}""", HttpStatusCode.Created);
        Assert.Equal(0, await cluster.OrcAsync(line, "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}"));
    }

    [Theory]
    [InlineData("apply -f - --dry-run=client", "configmap/b created (dry run)\n")]
    [InlineData("create -f - --dry-run=client", "configmap/b created (dry run)\n")]
    [InlineData("create -f - --dry-run=client -o name", "configmap/b\n")]
    public async Task A_dry_run_of_the_client_writes_nothing(string line, string output)
    {
        using var cluster = new FakeCluster();
        Assert.Equal(0, await cluster.OrcAsync(line, "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}"));
        Assert.Equal(output, cluster.Output);
        Assert.All(cluster.Requests, r => Assert.StartsWith("GET ", r.Request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refusal_of_what_options_say_names_no_file()
    {
        using var cluster = new FakeCluster();
        cluster.Refuse("POST /apis/apps/v1/namespaces/default/deployments?fieldValidation=Strict", HttpStatusCode.Conflict, "AlreadyExists", "it is there");
        Assert.Equal(1, await cluster.OrcAsync("create deployment web --image=x:1"));
        Assert.Equal("Error from server (AlreadyExists): it is there\n", cluster.Error);
    }

    private static string Pod((string First, string Second) variables) => LastApplied.Annotated(Parse($$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"default"},
         "spec":{"containers":[{"name":"main","env":[{"name":"{{{variables.First}}}"},{"name":"{{{variables.Second}}}"}]}]}}
        """)).ToJsonString();

    private static string Web(int replicas)
    {
        var manifest = Parse($$$"""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"default"},"spec":{"replicas":{{{replicas}}}}}""");
        return LastApplied.Annotated(manifest).ToJsonString();
    }

    private static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;
}
