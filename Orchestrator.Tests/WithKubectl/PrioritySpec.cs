using Orchestrator.Tests.Conformance;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

/// <summary>On a cluster of its own: the pods of other specs would be in the way, or have to go.</summary>
public class PrioritySpec(KubectlCluster cluster) : IClassFixture<KubectlCluster>
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    [Conformance("SchedulerPreemption validates basic preemption works")]
    [Conformance("SchedulerPreemption validates lower priority pod preemption by critical pod")]
    public async Task Pods_of_low_priority_go_for_one_of_high_priority(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        var (node, cpus) = await NodeAsync(kubectl);
        await kubectl.SucceedAsync($"create priorityclass {kubectl.Space}-low --value=-10");
        await kubectl.SucceedAsync($"create priorityclass {kubectl.Space}-high --value=1000 --description=first");
        (await kubectl.FeedAsync(Pod("peasant", $"{kubectl.Space}-low"), "create", "-f", "-")).Succeeded();
        await kubectl.SucceedAsync("wait pod/peasant --for=condition=Ready --timeout=20s");

        (await kubectl.FeedAsync(Pod("king", $"{kubectl.Space}-high"), "create", "-f", "-")).Succeeded();
        await kubectl.SucceedAsync("wait pod/king --for=condition=Ready --timeout=20s");
        Assert.Equal($"1000 PreemptLowerPriority {node}", await kubectl.SucceedAsync(
            "get pod king -o jsonpath={.spec.priority}{\"\\u0020\"}{.spec.preemptionPolicy}{\"\\u0020\"}{.status.nominatedNodeName}"));
        await kubectl.WaitForAsync("get pods -o name", t => t == "pod/king\n");
        Assert.Matches($@"Normal\s+Preempted\s+pod/peasant\s+Preempted by pod \S+ on node {node}", await kubectl.SucceedAsync("get events --field-selector reason=Preempted"));

        // Nobody goes for a pod of equal priority.
        (await kubectl.FeedAsync(Pod("rival", $"{kubectl.Space}-high"), "create", "-f", "-")).Succeeded();
        await kubectl.WaitForAsync("get pod rival -o jsonpath={.status.conditions[?(@.type==\"PodScheduled\")].reason}", t => t == "Unschedulable");
        Assert.Equal("", await kubectl.SucceedAsync("get pod king -o jsonpath={.metadata.deletionTimestamp}"));
        await kubectl.SucceedAsync("delete pod rival");

        (await kubectl.FeedAsync(Pod("critical", "system-cluster-critical"), "create", "-f", "-")).Succeeded();
        await kubectl.SucceedAsync("wait pod/critical --for=condition=Ready --timeout=20s");
        await kubectl.WaitForAsync("get pods -o name", t => t == "pod/critical\n");
        await kubectl.SucceedAsync("delete pods --all --force");

        string Pod(string name, string priority) => $$$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}"},"spec":{"priorityClassName":"{{{priority}}}","nodeSelector":{"kubernetes.io/hostname":"{{{node}}}"},
             "terminationGracePeriodSeconds":1,"containers":[{"name":"c","image":"busybox","command":["sleep","1000"],"resources":{"requests":{"cpu":"{{{(cpus / 2) + 1}}}"} } }]} }
            """;
    }

    [Theory, MemberData(nameof(Versions))]
    [Conformance("SchedulerPreemption PreemptionExecutionPath runs ReplicaSets to verify preemption running path")]
    public async Task Of_several_workloads_the_least_important_one_makes_room(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        var (node, cpus) = await NodeAsync(kubectl);
        foreach (var (name, priority) in ((string, int)[])[("last", -30), ("third", -20), ("second", -10), ("first", 1000)])
        {
            await kubectl.SucceedAsync($"create priorityclass {kubectl.Space}-{name} --value={priority}");
            (await kubectl.FeedAsync($$$"""
                {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"{{{name}}}"},"spec":{"replicas":1,"selector":{"matchLabels":{"app":"{{{name}}}"} },
                 "template":{"metadata":{"labels":{"app":"{{{name}}}"} },"spec":{"priorityClassName":"{{{kubectl.Space}}}-{{{name}}}","nodeSelector":{"kubernetes.io/hostname":"{{{node}}}"},
                  "terminationGracePeriodSeconds":1,"containers":[{"name":"c","image":"busybox","command":["sleep","1000"],"resources":{"requests":{"cpu":"{{{cpus * 3 / 10}}}"} } }]} } } }
                """, "create", "-f", "-")).Succeeded();
            await kubectl.WaitForAsync($"get rs {name} -o jsonpath={{.status.readyReplicas}}", t => t == "1");
        }

        await kubectl.WaitForAsync("get rs -o jsonpath={range.items[*]}{.metadata.name}={.status.readyReplicas},{end}", t => t == "first=1,last=0,second=1,third=1,");
        Assert.Matches(@"^pod/last-\w+$", await kubectl.SucceedAsync("get events --field-selector reason=Preempted -o jsonpath={range.items[*]}pod/{.involvedObject.name}{end}"));
        await kubectl.SucceedAsync("delete rs --all");
    }

    [Theory, MemberData(nameof(Versions))]
    [Conformance("SchedulerPreemption PriorityClass endpoints verify PriorityClass endpoints can be operated with different HTTP methods")]
    public async Task The_value_of_a_class_stays_and_the_rest_can_be_changed(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        var name = $"{kubectl.Space}-class";
        await kubectl.SucceedAsync($"create priorityclass {name} --value=7");
        Assert.Contains("value: Invalid value: 8: field is immutable", (await kubectl.RunAsync("patch", "pc", name, "-p", "{\"value\":8}")).Error, StringComparison.Ordinal);
        (await kubectl.RunAsync("patch", "pc", name, "-p", "{\"description\":\"seven\"}")).Succeeded();
        await kubectl.SucceedAsync($"label pc {name} of={name}");
        Assert.Equal("7 seven", await kubectl.SucceedAsync($"get pc {name} -o jsonpath={{.value}}{{\"\\u0020\"}}{{.description}}"));
        Assert.Contains("prefix are reserved for system use only", await kubectl.FailAsync("create priorityclass system-own --value=1"), StringComparison.Ordinal);
        await kubectl.SucceedAsync($"delete pc -l of={name}");
        Assert.Contains("not found", await kubectl.FailAsync($"get pc {name}"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_class_that_does_not_exist_is_refused_and_told_to_the_workload(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        var refused = await kubectl.FeedAsync("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"priorityClassName":"lost","containers":[{"name":"c","image":"busybox"}]}}""", "create", "-f", "-");
        Assert.Contains("pods \"a\" is forbidden: no PriorityClass with name lost was found", refused.Error, StringComparison.Ordinal);

        var set = Manifests.DeploymentJson("web", 1).Replace("\"containers\"", "\"priorityClassName\":\"lost\",\"containers\"", StringComparison.Ordinal);
        (await kubectl.FeedAsync(set, "create", "-f", "-")).Succeeded();
        await kubectl.WaitForAsync("describe rs", t => t.Contains("no PriorityClass with name lost was found", StringComparison.Ordinal));
        Assert.Contains("system-cluster-critical", await kubectl.SucceedAsync("get priorityclasses"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Pods_that_keep_apart_wait_for_nodes_of_their_own(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        var nodes = Columns.Lines(await kubectl.SucceedAsync("get nodes -o name")).Length;
        var web = Manifests.DeploymentJson("web", nodes + 1).Replace("\"containers\"", """
            "affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"web"}}}]}},"containers"
            """, StringComparison.Ordinal);
        var created = await kubectl.FeedAsync(web, "create", "-f", "-");
        Assert.Equal("", created.Error);
        await kubectl.WaitForAsync("get deploy web -o jsonpath={.status.readyReplicas}", t => t == $"{nodes}");
        var waits = await kubectl.SucceedAsync("get pods --field-selector=status.phase=Pending -o jsonpath={.items[*].status.conditions[0].message}");
        Assert.Equal($"0/{nodes} nodes are available: {nodes} node(s) didn't match pod anti-affinity rules. "
            + $"preemption: 0/{nodes} nodes are available: {nodes} No preemption victims found for incoming pod.", waits);
    }

    // Its first node, and the CPUs of it.
    private static async Task<(string Name, int Cpus)> NodeAsync(Kubectl kubectl)
    {
        var node = (await kubectl.SucceedAsync("get nodes -o jsonpath={.items[0].metadata.name}")).Trim();
        return (node, int.Parse(await kubectl.SucceedAsync($"get node {node} -o jsonpath={{.status.allocatable.cpu}}"), System.Globalization.CultureInfo.InvariantCulture));
    }
}
