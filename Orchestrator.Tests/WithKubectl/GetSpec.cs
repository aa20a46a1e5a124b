using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class GetSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task Tables_have_the_columns_people_know(string version)
    {
        var kubectl = await cluster.WebAsync(version, 2);
        var deployment = await kubectl.SucceedAsync("get deployments");
        Assert.Equal("NAME READY UP-TO-DATE AVAILABLE AGE", Columns.Header(deployment));
        Assert.Equal(["web", "2/2", "2", "2"], Columns.Rows(deployment).Single()[..4]);
        var sets = await kubectl.SucceedAsync("get rs");
        Assert.Equal("NAME DESIRED CURRENT READY AGE", Columns.Header(sets));
        Assert.Matches("^web-[a-z0-9]+$", Columns.Rows(sets).Single()[0]);
        var pods = await kubectl.SucceedAsync("get pods");
        Assert.Equal("NAME READY STATUS RESTARTS AGE", Columns.Header(pods));
        Assert.All(Columns.Rows(pods), row => Assert.Equal(["1/1", "Running", "0"], row[1..4]));
        Assert.Equal("NAME STATUS ROLES AGE VERSION", Columns.Header(await kubectl.SucceedAsync("get nodes")));
        Assert.Contains($"{kubectl.Space} Active", string.Join('\n', Columns.Rows(await kubectl.SucceedAsync("get ns")).Select(r => string.Join(' ', r))), StringComparison.Ordinal);
        Assert.Equal(["pod/web", "deployment.apps/web", "replicaset.apps/web"],
            Columns.Lines(await kubectl.SucceedAsync("get all -o name")).Select(l => l.Split('-')[0]).Distinct());
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Wide_tables_tell_where_and_what(string version)
    {
        var kubectl = await cluster.WebAsync(version, 1);
        var pods = await kubectl.SucceedAsync("get pods -o wide");
        Assert.Equal("NAME READY STATUS RESTARTS AGE IP NODE NOMINATED NODE READINESS GATES", Columns.Header(pods));
        Assert.StartsWith(cluster.Nodes, Columns.Rows(pods).Single()[6], StringComparison.Ordinal);
        var deployment = await kubectl.SucceedAsync("get deployment web -o wide");
        Assert.Equal("NAME READY UP-TO-DATE AVAILABLE AGE CONTAINERS IMAGES SELECTOR", Columns.Header(deployment));
        Assert.Equal(["main", "orchestrator/sample:1", "app=web"], Columns.Rows(deployment).Single()[5..]);
        Assert.Equal("NAME DESIRED CURRENT READY AGE CONTAINERS IMAGES SELECTOR", Columns.Header(await kubectl.SucceedAsync("get rs -o wide")));
        Assert.Equal("NAME STATUS ROLES AGE VERSION INTERNAL-IP EXTERNAL-IP OS-IMAGE KERNEL-VERSION CONTAINER-RUNTIME",
            Columns.Header(await kubectl.SucceedAsync("get nodes -o wide")));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Every_output_format_shows_the_object(string version)
    {
        var kubectl = await cluster.WebAsync(version, 1);
        var yaml = await kubectl.SucceedAsync("get deployment web -o yaml");
        Assert.StartsWith("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n", yaml, StringComparison.Ordinal);
        Assert.Contains("\n  name: web\n", yaml, StringComparison.Ordinal);
        var list = await kubectl.JsonAsync("get pods");
        Assert.Equal(("v1", "List", 1), ((string?)list["apiVersion"], (string?)list["kind"], list["items"]!.AsArray().Count));
        Assert.Equal("Pod", (string?)list["items"]![0]!["kind"]);
        Assert.Equal("main=orchestrator/sample:1", await kubectl.SucceedAsync("get deployment web -o jsonpath={..containers[0].name}={..containers[0].image}"));
        var custom = await kubectl.SucceedAsync("get deployment -o custom-columns=WHO:.metadata.name,HOW-MANY:.spec.replicas,NONE:.spec.nothing");
        Assert.Equal("WHO HOW-MANY NONE", Columns.Header(custom));
        Assert.Equal(["web", "1", "<none>"], Columns.Rows(custom).Single());
        Assert.Equal("deployment.apps/web\n", await kubectl.SucceedAsync("get deployment web -o name"));
        Assert.Equal("web!", await kubectl.SucceedAsync("get deployment web -o go-template={{.metadata.name}}!"));
        Assert.Equal(["web", "1/1", "1", "1"], Columns.Cells(await kubectl.SucceedAsync("get deployment web --no-headers"))[..4]);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Selectors_choose_and_show_labels(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        foreach (var (name, labels) in ((string, string)[])[("one", "\"env\":\"test\""), ("two", "\"env\":\"production\""), ("three", "\"tier\":\"back\"")])
        {
            await cluster.Node.AskAsync(HttpMethod.Post, $"/api/v1/namespaces/{kubectl.Space}/configmaps",
                $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","labels":{ {{{labels}}} }},"data":{"a":"1","b":"2"}}""");
        }

        async Task ChoosesAsync(string selector, params string[] names) => Assert.Equal(
            names, Columns.Lines(await kubectl.SucceedAsync($"get configmaps -l {selector} -o name")).Select(l => l.Split('/')[1]).Order());
        await ChoosesAsync("env=test", "one");
        await ChoosesAsync("env!=production", "kube-root-ca.crt", "one", "three");
        await ChoosesAsync("env", "one", "two");
        await ChoosesAsync("!env", "kube-root-ca.crt", "three");
        await ChoosesAsync("env=production,tier!=back", "two");
        await ChoosesAsync("env=nowhere");
        var sets = await kubectl.RunAsync("get", "configmaps", "-l", "env in (test, production),env notin (test)", "-o", "name");
        Assert.Equal("configmap/two\n", sets.Succeeded());

        var table = await kubectl.SucceedAsync("get configmaps --show-labels");
        Assert.Equal("NAME DATA AGE LABELS", Columns.Header(table));
        Assert.Contains("env=production", table, StringComparison.Ordinal);
        Assert.Equal("NAME DATA AGE ENV", Columns.Header(await kubectl.SucceedAsync("get configmaps -L env")));
        Assert.Equal(["kube-root-ca.crt", "one", "three", "two"], (await kubectl.SucceedAsync("get configmaps --sort-by=.metadata.name -o jsonpath={.items[*].metadata.name}")).Split(' '));
        Assert.Equal("configmap/two\n", await kubectl.SucceedAsync("get configmaps --field-selector=metadata.name=two -o name"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task All_namespaces_are_one_table(string version)
    {
        var first = await cluster.WebAsync(version, 1);
        var second = await cluster.WebAsync(version, 1);
        var table = await first.SucceedAsync("get deployments -A");
        Assert.Equal("NAMESPACE NAME READY UP-TO-DATE AVAILABLE AGE", Columns.Header(table));
        Assert.Subset(Columns.Rows(table).Select(r => r[0]).ToHashSet(), new HashSet<string> { first.Space!, second.Space! });
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Any_field_sorts_a_table(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        foreach (var name in (string[])["c", "a", "b"])
        {
            await cluster.Node.AskAsync(HttpMethod.Post, $"/api/v1/namespaces/{kubectl.Space}/pods", Manifests.PodJson(name, $"sleep {3600 + name[0]}"));
            await kubectl.WaitForAsync($"get pod {name} -o jsonpath={{.status.startTime}}", s => s.Length > 0);
            await Task.Delay(TimeSpan.FromSeconds(1.1)); // Times of the API are whole seconds.
        }

        Assert.Equal(["c", "a", "b"], Columns.Rows(await kubectl.SucceedAsync("get pods --sort-by=.status.startTime")).Select(r => r[0]));
        Assert.Equal(["a", "b", "c"], Columns.Rows(await kubectl.SucceedAsync("get pods --sort-by=.spec.containers[0].command[2]")).Select(r => r[0]));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Subresources_are_tables_too(string version)
    {
        var kubectl = await cluster.WebAsync(version, 2);
        var scale = await kubectl.SucceedAsync("get deployment web --subresource=scale");
        Assert.Equal("NAME DESIRED AVAILABLE AGE", Columns.Header(scale));
        Assert.Equal(["web", "2", "2"], Columns.Rows(scale).Single()[..3]);
        Assert.Matches("^[0-9]+[smh]", Columns.Rows(scale).Single()[3]);
        Assert.Equal("NAME READY UP-TO-DATE AVAILABLE AGE", Columns.Header(await kubectl.SucceedAsync("get deployment web --subresource=status")));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Absent_fields_are_selected_by_their_zero(string version)
    {
        var kubectl = await cluster.WebAsync(version, 1);
        Assert.NotEmpty(Columns.Rows(await kubectl.SucceedAsync("get nodes --field-selector=spec.unschedulable=false")));
        Assert.Single(Columns.Rows(await kubectl.SucceedAsync("get pods --field-selector=spec.hostNetwork=false")));
        Assert.Single(Columns.Rows(await kubectl.SucceedAsync("get events --field-selector=source=default-scheduler,reason=Scheduled,involvedObject.kind=Pod")));
        Assert.Contains("field label not supported: spec.foo", await kubectl.FailAsync("get pods --field-selector=spec.foo=x"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task What_is_not_there_is_said(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        var empty = await kubectl.RunAsync("get", "pods");
        Assert.Equal((0, "", $"No resources found in {kubectl.Space} namespace.\n"), (empty.ExitCode, empty.Output, empty.Error));
        var missing = await kubectl.RunAsync("get", "pod", "nobody");
        Assert.Equal((1, "Error from server (NotFound): pods \"nobody\" not found\n"), (missing.ExitCode, missing.Error));
        Assert.Equal("", await kubectl.SucceedAsync("get pod nobody --ignore-not-found"));
        Assert.Contains("the server doesn't have a resource type \"gadgets\"", await kubectl.FailAsync("get gadgets"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_watch_shows_each_change(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        await kubectl.SucceedAsync("create configmap changing --from-literal=step=1");
        await using var watching = kubectl.Start("get configmaps --field-selector=metadata.name=changing -w --output-watch-events -o jsonpath={.type}={.object.data.step};");
        await watching.UntilAsync(t => t == "ADDED=1;");
        foreach (var step in (int[])[2, 3, 4])
        {
            await kubectl.SucceedAsync($"patch configmap changing --type=merge -p {{\"data\":{{\"step\":\"{step}\"}}}}");
        }

        await kubectl.SucceedAsync("delete configmap changing");
        await watching.UntilAsync(t => t.Contains("DELETED", StringComparison.Ordinal));
        Assert.Equal("ADDED=1;MODIFIED=2;MODIFIED=3;MODIFIED=4;DELETED=4;", watching.Output);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_watch_of_a_scaling_shows_each_size_in_order(string version)
    {
        var kubectl = await cluster.WebAsync(version, 1);
        await using var watching = kubectl.Start("get deployment web -w -o jsonpath={.spec.replicas},");
        await watching.UntilAsync(t => t.StartsWith("1,", StringComparison.Ordinal));
        await kubectl.SucceedAsync("scale deployment web --replicas=2");
        await kubectl.SucceedAsync("scale deployment web --replicas=0");
        await watching.UntilAsync(t => t.EndsWith("0,", StringComparison.Ordinal));
        var sizes = watching.Output.Split(',', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["1", "2", "0"], sizes.Where((size, i) => i == 0 || sizes[i - 1] != size));
    }
}
