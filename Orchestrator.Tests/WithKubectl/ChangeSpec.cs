using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class ChangeSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task Apply_creates_configures_and_leaves_alone(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        var manifest = Manifests.Deployment("app");
        Assert.Equal("deployment.apps/app created\n", await ApplyAsync(kubectl, manifest));
        Assert.Equal("deployment.apps/app unchanged\n", await ApplyAsync(kubectl, manifest));
        Assert.Equal("deployment.apps/app configured\n", await ApplyAsync(kubectl, manifest.Replace("replicas: 3", "replicas: 1", StringComparison.Ordinal)));
        Assert.Equal("1", await kubectl.SucceedAsync("get deployment app -o jsonpath={.spec.replicas}"));
        Assert.Equal("deployment.apps/app configured\n", await ApplyAsync(kubectl, manifest.Replace("labels: {app: app}", "labels: {app: app, added: later}", StringComparison.Ordinal)));
        Assert.Equal("deployment.apps/app configured\n", await ApplyAsync(kubectl, manifest));
        Assert.Equal("", await kubectl.SucceedAsync("get deployment app -o jsonpath={.metadata.labels.added}"));
        Assert.Equal("deployment.apps/app configured (server dry run)\n",
            (await kubectl.FeedAsync(manifest.Replace("replicas: 3", "replicas: 9", StringComparison.Ordinal), "apply", "--dry-run=server", "-f", "-")).Succeeded());
        Assert.Equal("3", await kubectl.SucceedAsync("get deployment app -o jsonpath={.spec.replicas}"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Create_makes_an_object_once(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        Assert.Equal("deployment.apps/made created\n", (await kubectl.FeedAsync(Manifests.Deployment("made", 0), "create", "-f", "-")).Succeeded());
        var again = await kubectl.FeedAsync(Manifests.Deployment("made", 0), "create", "-f", "-");
        again.EndedWith(1);
        Assert.Contains("Error from server (AlreadyExists)", again.Error, StringComparison.Ordinal);
        Assert.Contains("deployments.apps \"made\" already exists", again.Error, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Create_makes_what_the_words_say(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        Assert.Equal($"namespace/{kubectl.Space}-more created\n", await kubectl.SucceedAsync($"create namespace {kubectl.Space}-more"));
        Assert.Contains("(AlreadyExists): namespaces", await kubectl.FailAsync($"create namespace {kubectl.Space}-more"), StringComparison.Ordinal);
        Assert.Equal("deployment.apps/worded created\n", await kubectl.SucceedAsync("create deployment worded --image=orchestrator/sample:1 --replicas=2 --port=80"));
        Assert.Equal("2/worded/orchestrator/sample:1", await kubectl.SucceedAsync(
            "get deployment worded -o jsonpath={.spec.replicas}/{.spec.selector.matchLabels.app}/{.spec.template.spec.containers[0].image}"));
        Assert.Equal("configmap/worded created\n", await kubectl.SucceedAsync("create configmap worded --from-literal=a=1 --from-literal=b=2"));
        Assert.Equal("""{"a":"1","b":"2"}""", await kubectl.SucceedAsync("get configmap worded -o jsonpath={.data}"));
        Assert.Equal("secret/worded created\n", await kubectl.SucceedAsync("create secret generic worded --from-literal=password=letters"));
        Assert.Equal("Opaque/bGV0dGVycw==", await kubectl.SucceedAsync("get secret worded -o go-template={{.type}}/{{.data.password}}"));
        Assert.Equal("configmap/idea created (server dry run)\n", await kubectl.SucceedAsync("create configmap idea --dry-run=server"));
        Assert.Equal("", await kubectl.SucceedAsync("get configmap idea --ignore-not-found"));
        await kubectl.SucceedAsync($"delete namespace {kubectl.Space}-more --wait=false");
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_dry_run_changes_nothing(string version)
    {
        var kubectl = await cluster.WebAsync(version, 1);
        Assert.Matches("^deployment.apps/web scaled( \\(server dry run\\))?\n$", await kubectl.SucceedAsync("scale deployment web --replicas=5 --dry-run=server"));
        Assert.Equal("1", await kubectl.SucceedAsync("get deployment web -o jsonpath={.spec.replicas}"));
        Assert.Matches("^deployment.apps \"web\" deleted.* \\(server dry run\\)", await kubectl.SucceedAsync("delete deployment web --dry-run=server"));
        Assert.Contains("(server dry run)", await kubectl.SucceedAsync("delete pods --all --dry-run=server"), StringComparison.Ordinal);
        Assert.Equal("", await kubectl.SucceedAsync("get deployment web -o jsonpath={.metadata.deletionTimestamp}"));
        Assert.Equal("", await kubectl.SucceedAsync("get pods -o jsonpath={.items[0].metadata.deletionTimestamp}"));
        Assert.Contains("\"nobody\" not found", await kubectl.FailAsync("delete deployment nobody --dry-run=server"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_difference_is_shown_and_a_replacement_made(string version)
    {
        var kubectl = await cluster.WebAsync(version, 1);
        var manifest = Manifests.Deployment("web", 2);
        var difference = await kubectl.FeedAsync(manifest, "diff", "-f", "-");
        difference.EndedWith(1);
        Assert.Contains("\n-  replicas: 1\n+  replicas: 2\n", difference.Output, StringComparison.Ordinal);
        Assert.Equal("1", await kubectl.SucceedAsync("get deployment web -o jsonpath={.spec.replicas}"));
        Assert.Equal("deployment.apps/web replaced\n", (await kubectl.FeedAsync(manifest, "replace", "-f", "-")).Succeeded());
        Assert.Equal("2", await kubectl.SucceedAsync("get deployment web -o jsonpath={.spec.replicas}"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task An_editor_changes_the_object(string version)
    {
        var kubectl = await cluster.WebAsync(version, 1);
        var edited = await kubectl.EditAsync("edit deployment web", "sed -i s/replicas:.1/replicas:\\ 2/");
        Assert.Equal("deployment.apps/web edited\n", edited.Succeeded());
        Assert.Equal("2", await kubectl.SucceedAsync("get deployment web -o jsonpath={.spec.replicas}"));
        Assert.Contains("Edit cancelled, no changes made", (await kubectl.EditAsync("edit deployment web", "true")).Error, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Labels_and_annotations_come_change_and_go(string version)
    {
        var kubectl = await cluster.WebAsync(version, 1);
        Assert.Equal("deployment.apps/web labeled\n", await kubectl.SucceedAsync("label deployment web release=stable"));
        Assert.Contains("already has a value (stable), and --overwrite is false", await kubectl.FailAsync("label deployment web release=canary"), StringComparison.Ordinal);
        Assert.Equal("deployment.apps/web labeled\n", await kubectl.SucceedAsync("label deployment web release=canary --overwrite"));
        Assert.Equal("deployment.apps/web\n", await kubectl.SucceedAsync("get deployments -l release=canary -o name"));
        Assert.Equal("deployment.apps/web unlabeled\n", await kubectl.SucceedAsync("label deployment web release-"));
        Assert.Equal("", await kubectl.SucceedAsync("get deployments -l release -o name"));
        Assert.Matches("^pod/web-\\S+ labeled\n$", await kubectl.SucceedAsync("label pods --all track=daily"));

        Assert.Matches("^deployment.apps/web annotated?\n$", await kubectl.SucceedAsync("annotate deployment web note=first"));
        Assert.Equal("first", await kubectl.SucceedAsync("get deployment web -o jsonpath={.metadata.annotations.note}"));
        await kubectl.SucceedAsync("annotate deployment web note-");
        Assert.Equal("", await kubectl.SucceedAsync("get deployment web -o jsonpath={.metadata.annotations.note}"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Scale_gives_that_many_pods(string version)
    {
        var kubectl = await cluster.WebAsync(version, 1);
        Assert.Equal("deployment.apps/web scaled\n", await kubectl.SucceedAsync("scale deployment web --replicas=4"));
        await kubectl.SucceedAsync("rollout status deployment/web --timeout=30s");
        await kubectl.WaitForAsync("get pods -o name", t => Columns.Lines(t).Length == 4);
        Assert.Contains("Expected replicas to be 3, was 4", await kubectl.FailAsync("scale deployment web --current-replicas=3 --replicas=1"), StringComparison.Ordinal);
        await kubectl.SucceedAsync("scale deployment web --replicas=0");
        await kubectl.WaitForAsync("get pods -o name", t => t.Length == 0);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Set_changes_image_environment_and_resources(string version)
    {
        var kubectl = await cluster.WebAsync(version, 1);
        Assert.Equal("deployment.apps/web image updated\n", await kubectl.SucceedAsync("set image deployment/web main=orchestrator/sample:2"));
        Assert.Equal("deployment.apps/web env updated\n", await kubectl.SucceedAsync("set env deployment/web COLOUR=blue"));
        Assert.Equal("deployment.apps/web resource requirements updated\n", await kubectl.SucceedAsync("set resources deployment/web --limits=cpu=200m,memory=64Mi --requests=cpu=100m"));
        await kubectl.SucceedAsync("rollout status deployment/web --timeout=30s");
        var main = (await kubectl.JsonAsync("get deployment web"))["spec"]!["template"]!["spec"]!["containers"]![0]!;
        Assert.Equal(("orchestrator/sample:2", "COLOUR", "blue"), ((string?)main["image"], (string?)main["env"]![0]!["name"], (string?)main["env"]![0]!["value"]));
        Assert.Equal(("200m", "64Mi", "100m"),
            ((string?)main["resources"]!["limits"]!["cpu"], (string?)main["resources"]!["limits"]!["memory"], (string?)main["resources"]!["requests"]!["cpu"]));
        Assert.Equal("# Deployment web, container main\nCOLOUR=blue\n", await kubectl.SucceedAsync("set env deployment/web --list"));
    }

    private static async Task<string> ApplyAsync(Kubectl kubectl, string manifest) => (await kubectl.FeedAsync(manifest, "apply", "-f", "-")).Succeeded();
}
