using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Conformance;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class ResourceQuotaSpec(KubectlCluster cluster)
{
    private const string Template = """{"metadata":{"labels":{"a":"b"}},"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"c","image":"orchestrator/sample:1"}]}}""";

    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    [Conformance("ResourceQuota should create a ResourceQuota and ensure its status is promptly calculated.")]
    public async Task A_quota_is_calculated_shown_and_refuses_what_exceeds_it(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        Assert.Equal("resourcequota/q created\n", await kubectl.SucceedAsync("create quota q --hard=configmaps=2,requests.cpu=1,limits.memory=1Gi"));
        await UsedAsync(kubectl, """{"configmaps":"1","limits.memory":"0","requests.cpu":"0"}"""); // The certificate of the API server.
        Assert.Contains("configmaps: 1/2, requests.cpu: 0/1", await kubectl.SucceedAsync("get quota q"), StringComparison.Ordinal);
        await kubectl.SucceedAsync("create configmap one");
        await UsedAsync(kubectl, """{"configmaps":"2","limits.memory":"0","requests.cpu":"0"}""");
        Assert.Matches(@"Resource\s+Used\s+Hard\n.*\nconfigmaps\s+2\s+2\nlimits.memory\s+0\s+1Gi\n", await kubectl.SucceedAsync("describe quota q"));

        var refused = await kubectl.FailAsync("create configmap two");
        Assert.Contains("configmaps \"two\" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=2, limited: configmaps=2", refused,
            StringComparison.Ordinal);
        Assert.Contains("exceeded quota: q", await kubectl.FailAsync("create configmap two --dry-run=server"), StringComparison.Ordinal);
        Assert.Contains("already exists", await kubectl.FailAsync("create configmap one"), StringComparison.Ordinal);
        Assert.Contains("failed quota: q: must specify limits.memory for: bare; requests.cpu for: bare", await kubectl.FailAsync("run bare --image=orchestrator/sample:1"),
            StringComparison.Ordinal);

        await kubectl.SucceedAsync("delete configmap one");
        await UsedAsync(kubectl, """{"configmaps":"1","limits.memory":"0","requests.cpu":"0"}""");
        await kubectl.SucceedAsync("create configmap two");
    }

    [Theory]
    [InlineData("configmaps", "configmaps=10", """{"apiVersion":"v1","kind":"ConfigMap"}""", """{"configmaps":"2"}""")]
    [InlineData("secrets", "secrets=10", """{"apiVersion":"v1","kind":"Secret"}""", """{"secrets":"1"}""")]
    [InlineData("services", "services=10,services.nodeports=3,services.loadbalancers=1",
        """{"apiVersion":"v1","kind":"Service","spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""",
        """{"services":"1","services.loadbalancers":"1","services.nodeports":"1"}""")]
    [InlineData("replicasets", "count/replicasets.apps=10",
        $$"""{"apiVersion":"apps/v1","kind":"ReplicaSet","spec":{"replicas":0,"selector":{"matchLabels":{"a":"b"} },"template":{{Template}} } }""",
        """{"count/replicasets.apps":"1"}""")]
    [InlineData("replicationcontrollers", "replicationcontrollers=10",
        $$"""{"apiVersion":"v1","kind":"ReplicationController","spec":{"replicas":0,"selector":{"a":"b"},"template":{{Template}} } }""",
        """{"replicationcontrollers":"1"}""")]
    [InlineData("persistentvolumeclaims", "persistentvolumeclaims=10,requests.storage=10Gi,gold.storageclass.storage.k8s.io/requests.storage=5Gi",
        """{"apiVersion":"v1","kind":"PersistentVolumeClaim","spec":{"storageClassName":"gold","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""",
        """{"gold.storageclass.storage.k8s.io/requests.storage":"1Gi","persistentvolumeclaims":"1","requests.storage":"1Gi"}""")]
    [InlineData("pods", "pods=5,cpu=1,requests.memory=1Gi,requests.example.com/thing=3",
        """{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"c","image":"orchestrator/sample:1","resources":{"requests":{"cpu":"500m","memory":"252Mi"}}}]}}""",
        """{"cpu":"500m","pods":"1","requests.example.com/thing":"0","requests.memory":"252Mi"}""")]
    [Conformance("ResourceQuota should create a ResourceQuota and capture the life of a configMap.")]
    [Conformance("ResourceQuota should create a ResourceQuota and capture the life of a pod.")]
    [Conformance("ResourceQuota should create a ResourceQuota and capture the life of a replica set.")]
    [Conformance("ResourceQuota should create a ResourceQuota and capture the life of a replication controller.")]
    [Conformance("ResourceQuota should create a ResourceQuota and capture the life of a secret.")]
    [Conformance("ResourceQuota should create a ResourceQuota and capture the life of a service.")]
    public async Task The_life_of_an_object_is_captured(string resource, string hard, string manifest, string used)
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await kubectl.SucceedAsync($"create quota q --hard={hard}");
        var nothing = new JsonObject(JsonNode.Parse(used)!.AsObject().Select(u => KeyValuePair.Create(u.Key, (JsonNode?)JsonValue.Create(resource == "configmaps" ? "1" : "0")))).ToJsonString();
        await UsedAsync(kubectl, nothing);
        var o = (JsonObject)JsonNode.Parse(manifest)!;
        o["metadata"] = new JsonObject { ["name"] = "one" };
        (await kubectl.FeedAsync(o.ToJsonString(), "create", "-f", "-")).Succeeded();
        await UsedAsync(kubectl, used);
        await kubectl.SucceedAsync($"label {resource} one still=counted");
        await UsedAsync(kubectl, used);
        await kubectl.SucceedAsync($"delete {resource} one --now");
        await UsedAsync(kubectl, nothing);
    }

    [Fact]
    public async Task An_update_that_uses_more_needs_room_too()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await kubectl.SucceedAsync("create quota q --hard=services.nodeports=1");
        await UsedAsync(kubectl, """{"services.nodeports":"0"}""");
        await kubectl.SucceedAsync("create service clusterip web --tcp=80 --tcp=81");
        Assert.Contains("services \"web\" is forbidden: exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=0, limited: services.nodeports=1",
            (await kubectl.RunAsync("patch", "service", "web", "-p", """{"spec":{"type":"NodePort"}}""")).Error, StringComparison.Ordinal);
        (await kubectl.RunAsync("patch", "service", "web", "--type=json", "-p",
            """[{"op":"replace","path":"/spec/type","value":"NodePort"},{"op":"remove","path":"/spec/ports/1"}]""")).Succeeded();
        await UsedAsync(kubectl, """{"services.nodeports":"1"}""");
        (await kubectl.RunAsync("patch", "service", "web", "-p", """{"spec":{"type":"ClusterIP"}}""")).Succeeded();
        await UsedAsync(kubectl, """{"services.nodeports":"0"}""");
    }

    [Theory]
    [InlineData("BestEffort", "NotBestEffort", """{"containers":[{"name":"c","image":"orchestrator/sample:1"}]}""",
        """{"containers":[{"name":"c","image":"orchestrator/sample:1","resources":{"requests":{"cpu":"10m"}}}]}""")]
    [InlineData("Terminating", "NotTerminating", """{"activeDeadlineSeconds":3600,"containers":[{"name":"c","image":"orchestrator/sample:1"}]}""",
        """{"containers":[{"name":"c","image":"orchestrator/sample:1"}]}""")]
    [Conformance("ResourceQuota should verify ResourceQuota with best effort scope.")]
    [Conformance("ResourceQuota should verify ResourceQuota with terminating scopes.")]
    public async Task A_quota_counts_the_pods_of_its_scope(string scope, string opposite, string inScope, string outside)
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await kubectl.SucceedAsync($"create quota q --hard=pods=1 --scopes={scope}");
        await kubectl.SucceedAsync($"create quota other --hard=pods=1 --scopes={opposite}");
        await UsedAsync(kubectl, """{"pods":"0"}""");
        await UsedAsync(kubectl, """{"pods":"0"}""", "other");
        Assert.Matches($@"Scopes:\s+{scope}\n", await kubectl.SucceedAsync("describe quota q"));

        (await PodAsync(kubectl, "in", inScope)).Succeeded();
        await UsedAsync(kubectl, """{"pods":"1"}""");
        await UsedAsync(kubectl, """{"pods":"0"}""", "other");
        Assert.Contains("exceeded quota: q,", (await PodAsync(kubectl, "in2", inScope)).Error, StringComparison.Ordinal);
        (await PodAsync(kubectl, "out", outside)).Succeeded();
        await UsedAsync(kubectl, """{"pods":"1"}""", "other");
        await kubectl.SucceedAsync("delete pod in --grace-period=0 --force");
        await UsedAsync(kubectl, """{"pods":"0"}""");
        await UsedAsync(kubectl, """{"pods":"1"}""", "other");
    }

    [Fact]
    [Conformance("ResourceQuota should be able to update and delete ResourceQuota.")]
    [Conformance("ResourceQuota should manage the lifecycle of a ResourceQuota")]
    public async Task A_quota_is_changed_listed_and_deleted()
    {
        var (here, there) = (await cluster.SpaceAsync(Kubectl.Newest), await cluster.SpaceAsync(Kubectl.Newest));
        foreach (var kubectl in (Kubectl[])[here, there])
        {
            await kubectl.SucceedAsync("create quota q --hard=configmaps=2,secrets=2");
            await kubectl.SucceedAsync($"label quota q of={here.Space}");
            await UsedAsync(kubectl, """{"configmaps":"1","secrets":"0"}""");
        }

        await here.SucceedAsync("create configmap one");
        await here.FailAsync("create configmap two");
        (await here.RunAsync("patch", "quota", "q", "-p", """{"spec":{"hard":{"configmaps":"3","secrets":null}}}""")).Succeeded();
        await UsedAsync(here, """{"configmaps":"2"}""");
        await here.WaitForAsync("get quota q -o jsonpath={.status.hard}", t => t == """{"configmaps":"3"}""");
        await here.SucceedAsync("create configmap two");
        Assert.Contains("exceeded quota", await here.FailAsync("create configmap three"), StringComparison.Ordinal);
        Assert.Equal($"{here.Space} {there.Space}", await here.SucceedAsync($"get quota -A -l of={here.Space} -o jsonpath={{.items[*].metadata.namespace}}"));
        await here.SucceedAsync($"delete quota -l of={here.Space}");
        Assert.Equal(there.Space, await here.SucceedAsync($"get quota -A -l of={here.Space} -o jsonpath={{.items[*].metadata.namespace}}"));
        await here.SucceedAsync("create configmap three");
        await there.SucceedAsync("delete quota q");
    }

    [Fact]
    [Conformance("ResourceQuota should apply changes to a resourcequota status")]
    public async Task A_status_can_be_written_and_is_mended()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await kubectl.SucceedAsync("create quota q --hard=configmaps=3");
        await UsedAsync(kubectl, """{"configmaps":"1"}""");
        var path = $"/api/v1/namespaces/{kubectl.Space}/resourcequotas/q/status";
        var patched = await cluster.Node.AskAsync(HttpMethod.Patch, path, """{"status":{"hard":{"configmaps":"500"},"used":{"configmaps":"7"}}}""", ApiSpace.Merge);
        Assert.Equal(("500", "7", "3"), ((string?)patched["status"]!["hard"]!["configmaps"], (string?)patched["status"]!["used"]!["configmaps"],
            (string?)patched["spec"]!["hard"]!["configmaps"]));
        await UsedAsync(kubectl, """{"configmaps":"1"}""");
        await kubectl.WaitForAsync("get quota q -o jsonpath={.status.hard}", t => t == """{"configmaps":"3"}""");
        Assert.Equal("3", (string?)(await cluster.Node.AskAsync(HttpMethod.Get, path))["status"]!["hard"]!["configmaps"]);
    }

    [Theory]
    [InlineData("""{"apiVersion":"v1","kind":"ReplicationController","metadata":{"name":"w"},"spec":{"replicas":3,"selector":{"a":"b"},"template":TEMPLATE}}""")]
    [InlineData("""{"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"w"},"spec":{"replicas":3,"selector":{"matchLabels":{"a":"b"}},"template":TEMPLATE}}""")]
    [Conformance("ReplicationController should surface a failure condition on a common issue like exceeded quota")]
    public async Task A_set_shows_that_its_pods_are_refused_until_it_wants_no_more_or_room_comes(string manifest)
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await kubectl.SucceedAsync("create quota q --hard=pods=2");
        await UsedAsync(kubectl, """{"pods":"0"}""");
        (await kubectl.FeedAsync(manifest.Replace("TEMPLATE", Template, StringComparison.Ordinal), "create", "-f", "-")).Succeeded();
        var kind = manifest.Contains("Controller", StringComparison.Ordinal) ? "rc" : "rs";
        await FailureAsync("FailedCreate pods \"w-");
        await UsedAsync(kubectl, """{"pods":"2"}""");
        await kubectl.WaitForAsync("get events --field-selector reason=FailedCreate", t => t.Contains("exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2",
            StringComparison.Ordinal));

        await kubectl.SucceedAsync($"scale {kind} w --replicas=2");
        await FailureAsync("");
        await kubectl.SucceedAsync($"scale {kind} w --replicas=3");
        await FailureAsync("FailedCreate pods \"w-");
        (await kubectl.RunAsync("patch", "quota", "q", "-p", """{"spec":{"hard":{"pods":"3"}}}""")).Succeeded();
        await FailureAsync("");
        await kubectl.WaitForAsync($"get {kind} w -o jsonpath={{.status.readyReplicas}}", t => t == "3");

        Task<string> FailureAsync(string text) => kubectl.WaitForAsync(
            $"get {kind} w -o jsonpath={{.status.conditions[?(@.type==\"ReplicaFailure\")].reason}}{{\"\\u0020\"}}{{.status.conditions[?(@.type==\"ReplicaFailure\")].message}}",
            t => text.Length == 0 ? t.Trim().Length == 0 : t.StartsWith(text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_gets_its_pods_when_room_comes()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await kubectl.SucceedAsync("create quota q --hard=pods=0");
        await UsedAsync(kubectl, """{"pods":"0"}""");
        await kubectl.SucceedAsync("create job once --image=orchestrator/sample:1");
        await kubectl.WaitForAsync("get events --field-selector reason=FailedCreate", t => t.Contains("exceeded quota: q", StringComparison.Ordinal));
        (await kubectl.RunAsync("patch", "quota", "q", "-p", """{"spec":{"hard":{"pods":"1"}}}""")).Succeeded();
        await kubectl.WaitForAsync("get pods -o name", t => t.StartsWith("pod/once-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Creations_at_once_never_use_the_same_room()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await kubectl.SucceedAsync("create quota q --hard=secrets=5");
        await kubectl.SucceedAsync("create quota a --hard=secrets=7,count/secrets=7");
        await UsedAsync(kubectl, """{"secrets":"0"}""");
        await UsedAsync(kubectl, """{"count/secrets":"0","secrets":"0"}""", "a");
        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => CreateAsync(kubectl, string.Create(CultureInfo.InvariantCulture, $"s{i}"))));
        Assert.Equal(5, results.Count(r => r == HttpStatusCode.Created));
        Assert.All(results, r => Assert.True(r is HttpStatusCode.Created or HttpStatusCode.Forbidden));
        Assert.Equal(5, Columns.Lines(await kubectl.SucceedAsync("get secrets -o name")).Length);

        // The quota that had room gave back what the other one refused.
        await UsedAsync(kubectl, """{"count/secrets":"5","secrets":"5"}""", "a");
        await kubectl.WaitForAsync("get quota -o jsonpath={.items[*].metadata.annotations}", t => !t.Contains("reserved-", StringComparison.Ordinal));
    }

    private async Task<HttpStatusCode> CreateAsync(Kubectl kubectl, string name)
    {
        try
        {
            await cluster.Node.AskAsync(HttpMethod.Post, $"/api/v1/namespaces/{kubectl.Space}/secrets", $$$"""{"metadata":{"name":"{{{name}}}"}}""");
            return HttpStatusCode.Created;
        }
        catch (HttpRequestException e) when (e.StatusCode is { } code)
        {
            return code;
        }
    }

    private static Task<CommandResult> PodAsync(Kubectl kubectl, string name, string spec) =>
        kubectl.FeedAsync($$$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}"},"spec":{{{spec}}} }""", "create", "-f", "-");

    private static Task<string> UsedAsync(Kubectl kubectl, string used, string quota = "q") => kubectl.WaitForAsync($"get quota {quota} -o jsonpath={{.status.used}}", t =>
        t.Length > 0
        && JsonNode.DeepEquals(JsonNode.Parse(t), JsonNode.Parse(used)));
}
