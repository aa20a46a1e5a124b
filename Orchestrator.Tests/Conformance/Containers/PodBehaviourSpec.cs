using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Conformance.Containers;

/// <summary>Lives of pods in real containers that <c>pods.yaml</c> cannot tell.</summary>
[Collection(ContainersHost.Name)]
public sealed class PodBehaviourSpec(ContainersHost host)
{
    private const string Pods = "/api/v1/namespaces/default/pods";

    [Fact]
    [Conformance("Container Runtime blackbox test when starting a container that exits should run with the expected status")]
    public async Task A_container_that_exits_is_restarted_as_its_policy_says()
    {
        const string Script = "test -e /v/again && exit 0; touch /v/again; exit 1";
        const string Volume = "\"volumeMounts\": [ { \"name\": \"v\", \"mountPath\": \"/v\" } ]";
        foreach (var policy in (string[])["Always", "OnFailure", "Never"])
        {
            await CreateAsync(host.Node, $"exits-{policy.ToLowerInvariant()}", policy, $$"""
                "volumes": [ { "name": "v", "emptyDir": {} } ], "containers": [ {{Runs(Script)}}, {{Volume}} } ]
                """);
        }

        await PodIsAsync(host.Node, "exits-always", p => Restarts(p) >= 2 && (string?)p["status"]!["phase"] == "Running");
        Assert.Equal(1, Restarts(await PodIsAsync(host.Node, "exits-onfailure", p => (string?)p["status"]!["phase"] == "Succeeded")));
        Assert.Equal(0, Restarts(await PodIsAsync(host.Node, "exits-never", p => (string?)p["status"]!["phase"] == "Failed")));
    }

    [Fact]
    [Conformance("InitContainer should invoke init containers on a RestartAlways pod")]
    [Conformance("InitContainer should not start app containers if init containers fail on a RestartAlways pod")]
    public async Task Init_containers_come_first_and_hold_up_the_others_until_they_succeed()
    {
        await CreateAsync(host.Node, "init-well", "Always", $$"""
            "initContainers": [ {{Runs("exit 0", "one")}} }, {{Runs("exit 0", "two")}} } ], "containers": [ {{Runs("sleep 3600")}} } ]
            """);
        await CreateAsync(host.Node, "init-ill", "Always", $$"""
            "initContainers": [ {{Runs("exit 1", "one")}} }, {{Runs("exit 0", "two")}} } ], "containers": [ {{Runs("sleep 3600")}} } ]
            """);
        var well = await PodIsAsync(host.Node, "init-well", p => (string?)p["status"]!["phase"] == "Running");
        Assert.Equal("True", Condition(well, "Initialized"));
        Assert.All(well["status"]!["initContainerStatuses"]!.AsArray(), c => Assert.Equal(0, (int)c!["state"]!["terminated"]!["exitCode"]!));
        var ill = await PodIsAsync(host.Node, "init-ill", p => (int?)p["status"]!["initContainerStatuses"]?[0]!["restartCount"] >= 2);
        Assert.Equal(("Pending", "False"), ((string?)ill["status"]!["phase"], Condition(ill, "Initialized")));
        Assert.Contains("containers with incomplete status: [one two]", ill["status"]!["conditions"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("PodInitializing", (string?)ill["status"]!["containerStatuses"]![0]!["state"]!["waiting"]!["reason"]);
        Assert.NotNull(ill["status"]!["initContainerStatuses"]![1]!["state"]!["waiting"]);
    }

    // The server that hooks speak to writes what it is asked for to its log.
    [Fact]
    [Conformance("Container Lifecycle Hook when create a pod with lifecycle hook should execute poststart exec hook properly")]
    [Conformance("Container Lifecycle Hook when create a pod with lifecycle hook should execute poststart http hook properly")]
    [Conformance("Container Lifecycle Hook when create a pod with lifecycle hook should execute prestop exec hook properly")]
    [Conformance("Container Lifecycle Hook when create a pod with lifecycle hook should execute prestop http hook properly")]
    [Conformance("PreStop should call prestop when killing a pod")]
    public async Task Hooks_are_executed()
    {
        await CreateAsync(host.Node, "hooked", "Always", $$"""
            "containers": [ {{Runs("httpd -f -vv -p 8080 2>&1")}} } ]
            """);
        var ip = (string)(await PodIsAsync(host.Node, "hooked", p => (string?)p["status"]!["phase"] == "Running"))["status"]!["podIP"]!;
        (string Name, string Hook)[] pods =
        [
            ("post-exec", $$"""{ "postStart": { "exec": { "command": [ "sh", "-c", "wget -q -O- http://{{ip}}:8080/post-exec; true" ] } } }"""),
            ("post-http", $$"""{ "postStart": { "httpGet": { "host": "{{ip}}", "port": 8080, "path": "/post-http" } } }"""),
            ("pre-exec", $$"""{ "preStop": { "exec": { "command": [ "sh", "-c", "wget -q -O- http://{{ip}}:8080/pre-exec; true" ] } } }"""),
            ("pre-http", $$"""{ "preStop": { "httpGet": { "host": "{{ip}}", "port": 8080, "path": "/pre-http" } } }"""),
        ];
        foreach (var (name, hook) in pods)
        {
            await CreateAsync(host.Node, name, "Always", $$"""
                "containers": [ {{Runs("sleep 3600")}}, "lifecycle": {{hook}} } ]
                """, grace: 5);
        }

        foreach (var (name, _) in pods)
        {
            if (name.StartsWith("pre", StringComparison.Ordinal))
            {
                await PodIsAsync(host.Node, name, p => (string?)p["status"]!["phase"] == "Running");
                await host.Node.AskAsync(HttpMethod.Delete, $"{Pods}/{name}");
            }

            await Poll.UntilAsync(async () => (await host.Node.ReadAsync($"{Pods}/hooked/log")).Contains($"/{name}", StringComparison.Ordinal), TimeSpan.FromSeconds(60), () => $"the hook of {name} was executed");
        }
    }

    [Fact]
    [Conformance("KubeletManagedEtcHosts should test kubelet managed /etc/hosts file")]
    public async Task The_names_of_hosts_are_the_agent_s_unless_the_pod_has_its_own()
    {
        const string Look = "grep -c '^# Kubernetes-managed hosts file.$' /etc/hosts; true";
        await CreateAsync(host.Node, "hosts", "Never", $$"""
            "volumes": [ { "name": "own", "hostPath": { "path": "/etc/hosts", "type": "File" } } ],
            "containers": [ {{Runs(Look, "first")}} }, {{Runs(Look, "second")}} }, {{Runs(Look, "own")}}, "volumeMounts": [ { "name": "own", "mountPath": "/etc/hosts" } ] } ]
            """);
        await CreateAsync(host.Node, "hosts-of-host", "Never", $$"""
            "hostNetwork": true, "containers": [ {{Runs(Look)}} } ]
            """);
        await PodIsAsync(host.Node, "hosts", HasSucceeded);
        await PodIsAsync(host.Node, "hosts-of-host", HasSucceeded);
        foreach (var (pod, container, count) in ((string, string, string)[])[("hosts", "first", "1"), ("hosts", "second", "1"), ("hosts", "own", "0"), ("hosts-of-host", "main", "0")])
        {
            Assert.Equal(count, (await host.Node.ReadAsync($"{Pods}/{pod}/log?container={container}")).Trim());
        }
    }

    [Fact]
    [Conformance("Pods should allow activeDeadlineSeconds to be updated")]
    public async Task A_pod_fails_at_its_deadline_which_may_come_nearer()
    {
        await CreateAsync(host.Node, "due", "Always", $$"""
            "activeDeadlineSeconds": 600, "containers": [ {{Runs("sleep 3600")}} } ]
            """);
        await PodIsAsync(host.Node, "due", p => (string?)p["status"]!["phase"] == "Running");
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => host.Node.AskAsync(HttpMethod.Patch, $"{Pods}/due", """{ "spec": { "activeDeadlineSeconds": 700 } }""", ApiSpace.Merge));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        await host.Node.AskAsync(HttpMethod.Patch, $"{Pods}/due", """{ "spec": { "activeDeadlineSeconds": 2 } }""", ApiSpace.Merge);
        var failed = await PodIsAsync(host.Node, "due", p => (string?)p["status"]!["phase"] == "Failed");
        Assert.Equal(("DeadlineExceeded", "Pod was active on the node longer than the specified deadline"), ((string?)failed["status"]!["reason"], (string?)failed["status"]!["message"]));
        Assert.NotNull(failed["status"]!["containerStatuses"]![0]!["state"]!["terminated"]);
    }

    [Fact]
    [Conformance("Sysctls should reject invalid sysctls")]
    public async Task A_parameter_of_the_kernel_must_have_a_name_and_be_safe()
    {
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => CreateAsync(host.Node, "odd", "Never", $$"""
            "securityContext": { "sysctls": [ { "name": "foo-", "value": "1" }, { "name": "kernel.shmmax", "value": "1" }, { "name": "safe-and-unsafe", "value": "1" }, { "name": "bar..", "value": "1" } ] },
            "containers": [ {{Runs("exit 0")}} } ]
            """));
        Assert.Contains("spec.securityContext.sysctls[0].name", refused.Message, StringComparison.Ordinal);
        Assert.Contains("spec.securityContext.sysctls[3].name", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sysctls[1].name", refused.Message, StringComparison.Ordinal);
        await CreateAsync(host.Node, "unsafe", "Never", $$"""
            "securityContext": { "sysctls": [ { "name": "kernel.msgmax", "value": "10000" } ] }, "containers": [ {{Runs("exit 0")}} } ]
            """);
        Assert.Equal("SysctlForbidden", (string?)(await PodIsAsync(host.Node, "unsafe", p => (string?)p["status"]!["phase"] == "Failed"))["status"]!["reason"]);
    }

    [Fact]
    [Conformance("RuntimeClass should reject a Pod requesting a non-existent RuntimeClass")]
    [Conformance("RuntimeClass should reject a Pod requesting a deleted RuntimeClass")]
    [Conformance("RuntimeClass should schedule a Pod requesting a RuntimeClass without PodOverhead")]
    [Conformance("RuntimeClass should schedule a Pod requesting a RuntimeClass and initialize its Overhead")]
    public async Task A_pod_runs_with_the_runtime_of_its_class()
    {
        const string Classes = "/apis/node.k8s.io/v1/runtimeclasses";
        await host.Node.AskAsync(HttpMethod.Post, Classes, """{ "metadata": { "name": "plain" }, "handler": "runc" }""");
        await host.Node.AskAsync(HttpMethod.Post, Classes, """{ "metadata": { "name": "heavy" }, "handler": "runc", "overhead": { "podFixed": { "cpu": "10m", "memory": "1Mi" } } }""");
        await host.Node.AskAsync(HttpMethod.Post, Classes, """{ "metadata": { "name": "none" }, "handler": "no-such-runtime" }""");
        await ClassedAsync("of-plain", "plain");
        await ClassedAsync("of-heavy", "heavy");
        await ClassedAsync("of-none", "none");
        Assert.Null((await PodIsAsync(host.Node, "of-plain", HasSucceeded))["spec"]!["overhead"]);
        Assert.Equal("""{"cpu":"10m","memory":"1Mi"}""", (await PodIsAsync(host.Node, "of-heavy", HasSucceeded))["spec"]!["overhead"]!.ToJsonString());
        await host.Node.Kubectl(Kubectl.Newest, "default").WaitForAsync("get events --field-selector=involvedObject.name=of-none -o jsonpath={.items[*].message}", t => t.Contains("no-such-runtime", StringComparison.Ordinal));

        await host.Node.AskAsync(HttpMethod.Delete, $"{Classes}/heavy");
        foreach (var gone in (string[])["heavy", "never-there"])
        {
            var refused = await Assert.ThrowsAsync<HttpRequestException>(() => ClassedAsync("of-gone", gone));
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.Contains($"pod rejected: RuntimeClass \\u0022{gone}\\u0022 not found", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("sub-above", "..")]
    [InlineData("sub-absolute", "/tmp")]
    [Conformance("Variable Expansion should fail substituting values in a volume subpath with backticks")]
    [Conformance("Variable Expansion should fail substituting values in a volume subpath with absolute path")]
    [Conformance("Variable Expansion should verify that a failing subpath expansion can be modified during the lifecycle of a container")]
    public async Task A_path_in_a_volume_that_leads_nowhere_keeps_the_container_from_starting_until_it_is_mended(string name, string value)
    {
        await host.Node.AskAsync(HttpMethod.Post, Pods, $$"""
            { "metadata": { "name": "{{name}}", "annotations": { "path": "{{value}}" } }, "spec": { "restartPolicy": "Never", "terminationGracePeriodSeconds": 0, "volumes": [ { "name": "v", "emptyDir": {} } ],
              "containers": [ {{Runs("echo x > /sub/f")}}, "env": [ { "name": "P", "valueFrom": { "fieldRef": { "fieldPath": "metadata.annotations['path']" } } } ],
                "volumeMounts": [ { "name": "v", "mountPath": "/sub", "subPathExpr": "$(P)" } ] } ] } }
            """);
        var waiting = await PodIsAsync(host.Node, name, p => (string?)p["status"]!["containerStatuses"]?[0]!["state"]!["waiting"]?["reason"] == "CreateContainerConfigError");
        Assert.Equal("Pending", (string?)waiting["status"]!["phase"]);
        await host.Node.AskAsync(HttpMethod.Patch, $"{Pods}/{name}", """{ "metadata": { "annotations": { "path": "mended" } } }""", ApiSpace.Merge);
        await PodIsAsync(host.Node, name, HasSucceeded);
    }

    [Fact]
    [Conformance("Kubelet when scheduling a busybox command that always fails in a pod should be possible to delete")]
    [Conformance("Pods should be submitted and removed")]
    public async Task A_pod_is_watched_from_its_creation_to_its_removal()
    {
        await CreateAsync(host.Node, "failing", "Always", $$"""
            "containers": [ {{Runs("exit 1")}} } ]
            """);
        using var watch = new StreamReader(await host.Node.OpenAsync($"{Pods}?watch=true&fieldSelector=metadata.name%3Dwatched"));
        await CreateAsync(host.Node, "watched", "Always", $$"""
            "containers": [ {{Runs("sleep 3600")}} } ]
            """);
        await PodIsAsync(host.Node, "watched", p => (string?)p["status"]!["phase"] == "Running");
        await PodIsAsync(host.Node, "failing", p => Restarts(p) > 0);
        foreach (var name in (string[])["watched", "failing"])
        {
            await host.Node.AskAsync(HttpMethod.Delete, $"{Pods}/{name}");
            await Poll.UntilAsync(async () => (await host.Node.AskAsync(HttpMethod.Get, Pods))["items"]!.AsArray().All(p => (string)p!["metadata"]!["name"]! != name), TimeSpan.FromSeconds(60), () => $"{name} is gone");
        }

        var types = new List<string>();
        while (types.LastOrDefault() != "DELETED")
        {
            types.Add((string)JsonNode.Parse((await watch.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)))!)!["type"]!);
        }

        Assert.Equal("ADDED", types[0]);
        Assert.Contains("MODIFIED", types);
    }

    private Task ClassedAsync(string name, string runtimeClass) => CreateAsync(host.Node, name, "Never", $$"""
        "runtimeClassName": "{{runtimeClass}}", "containers": [ {{Runs("exit 0")}} } ]
        """);

    private static int Restarts(JsonNode pod) => (int?)pod["status"]!["containerStatuses"]?[0]!["restartCount"] ?? 0;

    private static bool HasSucceeded(JsonNode pod) => (string?)pod["status"]!["phase"] == "Succeeded";

    private static string? Condition(JsonNode pod, string type) => (string?)pod["status"]!["conditions"]!.AsArray().Single(c => (string)c!["type"]! == type)!["status"];
}
