using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Tests.Kinds;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

/// <summary>Every kind of the registry, from discovery to deletion, by an unmodified kubectl.</summary>
[Collection(KubectlCollection.Name)]
public sealed class EveryKindSpec(KubectlCluster cluster)
{
    private const string Name = "every-kind";

    public static TheoryData<string> Served => [.. Stored.Where(k => k.Support.Refusal is null).Select(k => k.Resource)];

    public static TheoryData<string> Refused => [.. Stored.Where(k => k.Support.Refusal is not null).Select(k => k.Resource)];

    private static IEnumerable<ResourceDefinition> Stored => BuiltIn.All.Where(k => k.Verbs == ResourceDefinition.AllVerbs);

    [Theory]
    [InlineData("get cs -o name", "componentstatus/controller-manager\ncomponentstatus/journal\ncomponentstatus/scheduler\n")]
    [InlineData("get cs journal -o custom-columns=S:.conditions[0].status,M:.conditions[0].message --no-headers", "True   ok\n")]
    [InlineData("get cs journal", "NAME      STATUS    MESSAGE   ERROR\njournal   Healthy   ok        \n")]
    public async Task Component_statuses_are_made_when_they_are_read(string command, string output) =>
        Assert.Equal(output, await cluster.Node.Kubectl(Kubectl.Newest).SucceedAsync(command));

    [Fact]
    public async Task A_binding_binds_its_pod()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        (await kubectl.FeedAsync("apiVersion: v1\nkind: Pod\nmetadata: {name: mine}\nspec: {schedulerName: other, containers: [{name: c, image: i}]}\n", "create", "-f", "-")).Succeeded();
        var node = (await kubectl.SucceedAsync("get nodes -o jsonpath={.items[0].metadata.name}")).Trim();
        await cluster.Node.AskAsync(HttpMethod.Post, $"/api/v1/namespaces/{kubectl.Space}/bindings",
            $$"""{"apiVersion":"v1","kind":"Binding","metadata":{"name":"mine"},"target":{"kind":"Node","name":"{{node}}"} }""");
        Assert.Equal(node, await kubectl.SucceedAsync("get pod mine -o jsonpath={.spec.nodeName}"));
        Assert.Contains("MethodNotAllowed", (await kubectl.RunAsync("get", "--raw", $"/api/v1/namespaces/{kubectl.Space}/bindings")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_are_listed_with_their_names()
    {
        var rows = (await cluster.Node.Kubectl(Kubectl.Newest).SucceedAsync("api-resources --no-headers -o wide")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var kind in BuiltIn.All.Where(k => k.IsServed))
        {
            var row = Assert.Single(rows, r => r.Split(' ', StringSplitOptions.RemoveEmptyEntries) is var words && words[0] == kind.Plural && words.Contains(kind.ApiVersion) && words.Contains(kind.Kind));
            Assert.All(kind.ShortNames, s => Assert.Contains(s, row, StringComparison.Ordinal));
            Assert.Contains(kind.Namespaced ? "true" : "false", row, StringComparison.Ordinal);
        }

        Assert.Equal(Stored.Select(k => k.Resource).Order(), MinimalObjects.All.Keys.Order());
    }

    [Theory]
    [MemberData(nameof(Served))]
    public async Task It_is_created_read_patched_watched_and_deleted(string resource)
    {
        var kind = BuiltIn.All.Single(k => k.Resource == resource);
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        var (manifest, name) = Manifest(kind);
        var created = await kubectl.FeedAsync(manifest, "create", "-f", "-");
        Assert.Equal($"{Full(kind)}/{name} created\n", created.Succeeded());
        Assert.Contains(kind.Support.Warning is { } warning ? $"Warning: {kind.Kind}: {warning}" : "", created.Error, StringComparison.Ordinal);

        var item = await kubectl.JsonAsync($"get {resource} {name}");
        Assert.Equal((kind.ApiVersion, kind.Kind), ((string?)item["apiVersion"], (string?)item["kind"]));
        await using var watch = kubectl.Start($"get {resource} --watch-only -o name");
        var table = await kubectl.SucceedAsync($"get {resource} {name}");
        Assert.Equal(string.Join(' ', kind.Columns.Where(c => !c.IsWide).Select(c => c.Header.ToUpperInvariant())), Columns.Header(table));
        Assert.Single(Columns.Rows(table));

        await Poll.UntilAsync(async () =>
        {
            await kubectl.SucceedAsync($"label {resource} {name} --overwrite tested=yes-{Guid.NewGuid():N}");
            return watch.Output.Contains($"/{name}", StringComparison.Ordinal);
        }, TimeSpan.FromSeconds(30), () => $"the watch of {resource} shows {name}; it said {watch.Output}");
        Assert.Contains("tested=yes", await kubectl.SucceedAsync($"get {resource} {name} --show-labels"), StringComparison.Ordinal);
        Assert.NotEmpty(await kubectl.SucceedAsync($"explain {kind.Plural} --api-version={kind.ApiVersion}"));

        await kubectl.SucceedAsync($"delete {resource} {name} --wait=false");
        await Poll.UntilAsync(async () => (await kubectl.RunAsync("get", resource, name)).ExitCode != 0, TimeSpan.FromSeconds(30), () => $"{resource} {name} is gone");
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_would_promise_safety_that_there_is_not_is_refused_with_the_reason(string resource)
    {
        var kind = BuiltIn.All.Single(k => k.Resource == resource);
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        var (manifest, name) = Manifest(kind);
        var refused = await kubectl.FeedAsync(manifest, "create", "-f", "-");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains($"{resource} \"{name}\" is forbidden: {kind.Support.Refusal}", refused.Error, StringComparison.Ordinal);
        Assert.Contains("No resources found", (await kubectl.RunAsync("get", resource)).Error, StringComparison.Ordinal);
    }

    private static string Full(ResourceDefinition kind) => kind.Group.Length == 0 ? kind.Singular : $"{kind.Singular}.{kind.Group}";

    // With the name that the object must have, if it is not free.
    private static (string Json, string Name) Manifest(ResourceDefinition kind)
    {
        var o = (JsonObject)JsonNode.Parse(MinimalObjects.All[kind.Resource])!;
        var name = (string?)o["metadata"]?["name"] ?? (kind.Namespaced ? Name : $"{Name}-{kind.Plural}");
        (o["apiVersion"], o["kind"], o["metadata"]) = (kind.ApiVersion, kind.Kind, new JsonObject { ["name"] = name });
        return (o.ToJsonString(), name);
    }
}
