using System.Text.Json.Nodes;
using Orchestrator.Cli;

namespace Orchestrator.Tests.Cli;

/// <summary>Objects that <c>orc run</c> and <c>orc create TYPE</c> make of options.</summary>
public class CreationSpec
{
    private const string Ns = "/namespaces/default";

    [Theory]
    [InlineData("run web --image=x:1 --requests=cpu=200m,memory=64Mi --limits=cpu=1 --port=80 --env=A=1 --env=B=x=y,z", "",
        """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","labels":{"run":"web"},"namespace":"default"},"spec":{"containers":[{"name":"web","image":"x:1","ports":[{"containerPort":80}],"env":[{"name":"A","value":"1"},{"name":"B","value":"x=y,z"}],"resources":{"requests":{"cpu":"200m","memory":"64Mi"},"limits":{"cpu":"1"}}}]}}""")]
    [InlineData("run web --image=x:1 --labels=app=web,tier=front --restart=Never", "-- -a b",
        """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","labels":{"app":"web","tier":"front"},"namespace":"default"},"spec":{"containers":[{"name":"web","image":"x:1","args":["-a","b"]}],"restartPolicy":"Never"}}""")]
    [InlineData("run web --image=x:1 --command", "-- sh -c true",
        """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","labels":{"run":"web"},"namespace":"default"},"spec":{"containers":[{"name":"web","image":"x:1","command":["sh","-c","true"]}]}}""")]
    [InlineData("create job j --image=x:1 --requests=cpu=1", "-- sleep 1",
        """{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j","namespace":"default"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"j","image":"x:1","command":["sleep","1"],"resources":{"requests":{"cpu":"1"}}}]}}}}""")]
    [InlineData("create cronjob c --image=x:1 --schedule=@daily", "",
        """{"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"c","namespace":"default"},"spec":{"schedule":"@daily","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"OnFailure","containers":[{"name":"c","image":"x:1"}]}}}}}}""")]
    [InlineData("create deploy web --image=example.com/my_web:1 -r 2", "",
        """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","labels":{"app":"web"},"namespace":"default"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"my-web","image":"example.com/my_web:1"}]}}}}""")]
    [InlineData("create ns shop", "", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}""")]
    [InlineData("create sa robot", "", """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"robot","namespace":"default"}}""")]
    [InlineData("create quota q --hard=cpu=4,pods=10 --scopes=BestEffort", "",
        """{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"q","namespace":"default"},"spec":{"hard":{"cpu":"4","pods":"10"},"scopes":["BestEffort"]}}""")]
    [InlineData("create pc urgent --value=1000 --global-default --description=fast", "",
        """{"apiVersion":"scheduling.k8s.io/v1","kind":"PriorityClass","metadata":{"name":"urgent"},"value":1000,"globalDefault":true,"description":"fast"}""")]
    [InlineData("create pdb web --selector=app=web --min-available=2", "",
        """{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"web","namespace":"default"},"spec":{"minAvailable":2,"selector":{"matchLabels":{"app":"web"}}}}""")]
    [InlineData("create pdb web --selector=app=web --max-unavailable=25%", "",
        """{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"web","namespace":"default"},"spec":{"maxUnavailable":"25%","selector":{"matchLabels":{"app":"web"}}}}""")]
    [InlineData("create cm c --from-literal=a=1 --from-literal=b=x=y", "",
        """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"default"},"data":{"a":"1","b":"x=y"}}""")]
    [InlineData("create secret generic s --from-literal=a=1 --type=example.com/t", "",
        """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"default"},"type":"example.com/t","data":{"a":"MQ=="}}""")]
    public async Task Options_become_an_object(string line, string words, string expected)
    {
        using var cluster = new FakeCluster();
        var body = JsonNode.Parse(expected)!;
        var (version, plural) = ((string)body["apiVersion"]!, (string)body["kind"]! switch
        {
            "PriorityClass" => "priorityclasses",
            var kind => kind.ToLowerInvariant() + "s",
        });
        var path = $"POST {(version == "v1" ? "/api/" : "/apis/")}{version}{(body["metadata"]!["namespace"] is null ? "" : Ns)}/{plural}?fieldValidation=Strict";
        cluster.On(path, expected);
        Assert.Equal((0, ""), (await cluster.OrcAsync(line, trailing: words), cluster.Error));
        Assert.Equal(expected, cluster.Requests.Single(r => r.Request == path).Body!.ToJsonString());
        Assert.EndsWith($"/{(string)body["metadata"]!["name"]!} created\n", cluster.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_that_is_exposed_has_a_service()
    {
        using var cluster = new FakeCluster();
        Assert.Equal(0, await cluster.OrcAsync("run web --image=x:1 --port=80 --expose --dry-run=client"));
        Assert.Equal("service/web created (dry run)\npod/web created (dry run)\n", cluster.Output);
        Assert.Equal(0, await cluster.OrcAsync("run web --image=x:1 --port=80 --expose --dry-run=client -o yaml"));
        Assert.Equal(["Service", "Pod"], cluster.Output.Split("---\n").Select(d => d.Split('\n')[1]["kind: ".Length..]));
        Assert.Contains("  ports:\n  - port: 80\n    targetPort: 80\n  selector:\n    run: web\n", cluster.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_are_values_and_bytes_that_are_no_text_are_binary()
    {
        var folder = Directory.CreateTempSubdirectory("orc").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "a.conf"), "x\n");
        await File.WriteAllBytesAsync(Path.Combine(folder, "b.bin"), [0xff]);
        var variables = Path.GetTempFileName();
        await File.WriteAllTextAsync(variables, "# of the shop\nLEVEL=debug\n\nURL=http://x?a=b\n");
        using var cluster = new FakeCluster();
        Assert.Equal(0, await cluster.OrcAsync($"create cm c --from-file={folder} --from-file=again={folder}/a.conf --from-env-file={variables} --dry-run=client -o json"));
        var made = JsonNode.Parse(cluster.Output)!;
        Assert.Equal("""{"LEVEL":"debug","URL":"http://x?a=b","a.conf":"x\n","again":"x\n"}""", made["data"]!.ToJsonString());
        Assert.Equal("""{"b.bin":"/w=="}""", made["binaryData"]!.ToJsonString());

        Assert.Equal(0, await cluster.OrcAsync($"create secret tls t --cert={folder}/a.conf --key={folder}/a.conf --dry-run=client -o json"));
        Assert.Equal("""{"tls.crt":"eAo=","tls.key":"eAo="}""", JsonNode.Parse(cluster.Output)!["data"]!.ToJsonString());
        Directory.Delete(folder, recursive: true);
        File.Delete(variables);
    }

    [Fact]
    public async Task A_login_to_a_registry_is_a_secret_of_its_type()
    {
        using var cluster = new FakeCluster();
        Assert.Equal(0, await cluster.OrcAsync("create secret docker-registry pull --docker-server=r.example.com --docker-username=me --docker-password=pw --dry-run=client -o json"));
        var secret = JsonNode.Parse(cluster.Output)!;
        Assert.Equal("kubernetes.io/dockerconfigjson", (string?)secret["type"]);
        Assert.Equal("""{"auths":{"r.example.com":{"username":"me","password":"pw","auth":"bWU6cHc="}}}""",
            System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)secret["data"]![".dockerconfigjson"]!)));
    }

    [Fact]
    public async Task A_cron_job_runs_now_as_a_job_of_its_own()
    {
        using var cluster = new FakeCluster();
        cluster.On($"GET /apis/batch/v1{Ns}/cronjobs/nightly",
            """{"metadata":{"name":"nightly","uid":"u"},"spec":{"jobTemplate":{"metadata":{"labels":{"a":"b"}},"spec":{"backoffLimit":1,"template":{}}}}}""");
        Assert.Equal(0, await cluster.OrcAsync("create job now --from=cronjob/nightly --dry-run=client -o json"));
        var job = JsonNode.Parse(cluster.Output)!;
        Assert.Equal("""{"backoffLimit":1,"template":{}}""", job["spec"]!.ToJsonString());
        Assert.Equal(("manual", "u", "b"), ((string?)job["metadata"]!["annotations"]!["cronjob.kubernetes.io/instantiate"], (string?)job["metadata"]!["ownerReferences"]![0]!["uid"], (string?)job["metadata"]!["labels"]!["a"]));
    }

    [Theory]
    [InlineData("run web --image=x:1 --requests=cpu", "--requests takes KEY=VALUE, not \"cpu\": write it as --requests=cpu=200m,memory=512Mi.\n")]
    [InlineData("run web --image=x:1 --limits=cpu=1,cpu=2", "--limits names cpu twice: give it one value.\n")]
    [InlineData("run web --image=x:1 --expose", "--expose needs --port: the port of the container that the service forwards to.\n")]
    [InlineData("create job j", "Say what the job runs: either --image=IMAGE or --from=cronjob/NAME.\n")]
    [InlineData("create job j --from=deploy/web", "--from takes a cron job, not deploy/web: write it as --from=cronjob/NAME.\n")]
    [InlineData("create pdb web --selector=app=web", "Give the budget one bound: either --min-available or --max-unavailable.\n")]
    [InlineData("create pdb web --selector=app=web --min-available=1 --max-unavailable=1", "Give the budget one bound: either --min-available or --max-unavailable.\n")]
    [InlineData("create cm c --from-literal=a", "--from-literal takes KEY=VALUE, not \"a\": write it as --from-literal=level=debug.\n")]
    public async Task A_mistake_says_what_to_write(string line, string error)
    {
        using var cluster = new FakeCluster();
        Assert.Equal((ExitCodes.Usage, error), (await cluster.OrcAsync(line), cluster.Error));
    }

    [Theory]
    [InlineData("run web")]
    [InlineData("run --image=x:1")]
    [InlineData("run web --image=x:1 --restart=Sometimes")]
    [InlineData("create cronjob c --image=x:1")]
    [InlineData("create pc urgent")]
    [InlineData("create pdb web --min-available=1")]
    [InlineData("create secret")]
    [InlineData("create secret tls t --cert=a")]
    public async Task What_is_missing_is_asked_for_in_one_line(string line)
    {
        using var cluster = new FakeCluster();
        Assert.Equal(ExitCodes.Usage, await cluster.OrcAsync(line));
        Assert.Single(cluster.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(cluster.Requests);
    }
}
