using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

/// <summary>Where a list's item stands in the manifest, it stands in the cluster.</summary>
[Collection(KubectlCollection.Name)]
public class ApplyOrderSpec(KubectlCluster cluster)
{
    private const string Orders = "jsonpath={.spec.template.spec.initContainers[*].name}/{.spec.template.spec.containers[0].env[*].name}/{.metadata.finalizers[*]}";

    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task What_is_put_before_others_stands_before_them(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        var second = Shop("[{name: wait-for-db, image: x}, {name: load-schema, image: x}]", "[{name: HOST, value: h}, {name: URL, value: $(HOST)}]");
        Assert.Equal("deployment.apps/shop created\n", await ApplyAsync(kubectl, Shop("[{name: load-schema, image: x}]", "[{name: URL, value: $(HOST)}]")));
        Assert.Equal("deployment.apps/shop configured\n", await ApplyAsync(kubectl, second));
        Assert.Equal("wait-for-db load-schema/HOST URL/", await kubectl.SucceedAsync($"get deployment shop -o {Orders}"));
        Assert.Equal("", (await kubectl.FeedAsync(second, "diff", "-f", "-")).Succeeded());
        Assert.Equal("deployment.apps/shop unchanged\n", await ApplyAsync(kubectl, second));

        // The same items turned round, and one taken out.
        var third = Shop("[{name: load-schema, image: x}, {name: wait-for-db, image: x}]", "[{name: URL, value: $(HOST)}]");
        Assert.Equal("deployment.apps/shop configured\n", await ApplyAsync(kubectl, third));
        Assert.Equal("load-schema wait-for-db/URL/", await kubectl.SucceedAsync($"get deployment shop -o {Orders}"));
        Assert.Equal("deployment.apps/shop unchanged\n", await ApplyAsync(kubectl, third));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Items_of_others_stay_where_they_stood(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        var manifest = Shop("[{name: a, image: x}]", "[{name: HOST, value: h}, {name: URL, value: u}]");
        await ApplyAsync(kubectl, Shop("[{name: a, image: x}]", "[{name: URL, value: u}]"));
        await kubectl.RunAsync("patch", "deployment", "shop", "-p",
            """{"metadata":{"finalizers":["test/theirs"]},"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"THEIRS","value":"t"}]}]}}}}""");
        Assert.Equal("deployment.apps/shop configured\n", await ApplyAsync(kubectl, manifest));
        Assert.Equal("a/HOST URL THEIRS/test/theirs", await kubectl.SucceedAsync($"get deployment shop -o {Orders}"));

        // kubectl sends the order again when the lists differ in length; it changes nothing.
        var generation = await kubectl.SucceedAsync("get deployment shop -o jsonpath={.metadata.generation}");
        await ApplyAsync(kubectl, manifest);
        Assert.Equal(generation, await kubectl.SucceedAsync("get deployment shop -o jsonpath={.metadata.generation}"));
        await kubectl.RunAsync("patch", "deployment", "shop", "-p", """{"metadata":{"$deleteFromPrimitiveList/finalizers":["test/theirs"]}}""");
        Assert.Equal("a/HOST URL THEIRS/", await kubectl.SucceedAsync($"get deployment shop -o {Orders}"));
    }

    private static string Shop(string init, string variables) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: shop}
        spec:
          replicas: 0
          selector: {matchLabels: {app: shop} }
          template:
            metadata: {labels: {app: shop} }
            spec:
              initContainers: {{init}}
              containers:
              - {name: main, image: x, env: {{variables}} }
        """;

    private static async Task<string> ApplyAsync(Kubectl kubectl, string manifest) => (await kubectl.FeedAsync(manifest, "apply", "-f", "-")).Succeeded();
}
