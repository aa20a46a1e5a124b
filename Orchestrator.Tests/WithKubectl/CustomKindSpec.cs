using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

/// <summary>Kinds that are defined while the cluster runs, by an unmodified kubectl.</summary>
[Collection(KubectlCollection.Name)]
public sealed class CustomKindSpec(KubectlCluster cluster) : IAsyncLifetime
{
    private static int _groups;
    private readonly string _group = $"g{Interlocked.Increment(ref _groups)}.example.com";

    public Task InitializeAsync() => Task.CompletedTask;

    // The short name is free again for the next definition.
    public Task DisposeAsync() => cluster.Node.Kubectl(Kubectl.Newest).SucceedAsync($"delete crd backups.{_group} copies.{_group} --ignore-not-found");

    [Theory]
    [MemberData(nameof(Kubectl.Versions), MemberType = typeof(Kubectl))]
    public async Task A_custom_kind_is_used_like_any_other(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        await DefineAsync(kubectl);

        Assert.Contains("backups", await kubectl.SucceedAsync($"api-resources --api-group={_group} --no-headers"), StringComparison.Ordinal);
        Assert.Equal($"backup.{_group}/nightly created\n", (await kubectl.FeedAsync(Backup("nightly", "schedule: '@daily'"), "apply", "-f", "-")).Succeeded());
        Assert.Equal($"backup.{_group}/nightly unchanged\n", (await kubectl.FeedAsync(Backup("nightly", "schedule: '@daily'"), "apply", "-f", "-")).Succeeded());
        Assert.Equal($"backup.{_group}/nightly configured\n", (await kubectl.FeedAsync(Backup("nightly", "schedule: '@weekly'"), "apply", "-f", "-")).Succeeded());

        var item = await kubectl.JsonAsync("get bk nightly");
        Assert.Equal((3, "@weekly", 2L), ((int)item["spec"]!["keep"]!, (string)item["spec"]!["schedule"]!, (long)item["metadata"]!["generation"]!));
        var table = await kubectl.SucceedAsync("get backups");
        Assert.Equal("NAME SCHEDULE READY AGE", Columns.Header(table));
        Assert.Contains("@weekly", table, StringComparison.Ordinal);
        Assert.Contains("How many backups are kept", await kubectl.SucceedAsync($"explain backups.spec.keep --api-version={_group}/v1"), StringComparison.Ordinal);

        await using (var watch = kubectl.Start("get backups --watch-only -o name"))
        {
            await Poll.UntilAsync(async () =>
            {
                await kubectl.SucceedAsync($"label backup nightly --overwrite tested=yes-{Guid.NewGuid():N}");
                return watch.Output.Contains("/nightly", StringComparison.Ordinal);
            }, TimeSpan.FromSeconds(30), () => $"the watch shows nightly; it said {watch.Output}");
        }

        await kubectl.SucceedAsync("patch backup nightly --type=merge -p {\"spec\":{\"keep\":5}}");
        await kubectl.SucceedAsync("patch backup nightly --subresource=status --type=merge -p {\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]},\"spec\":{\"keep\":9}}");
        item = await kubectl.JsonAsync("get backup nightly");
        Assert.Equal((5, 3L), ((int)item["spec"]!["keep"]!, (long)item["metadata"]!["generation"]!));
        Assert.Equal("True", (await kubectl.SucceedAsync("get backups --no-headers")).Split(' ', StringSplitOptions.RemoveEmptyEntries)[2]);
        Assert.Equal("backup.nightly", (await kubectl.SucceedAsync($"get backups.v1alpha1.{_group} -o jsonpath={{.items[0].kind}}.{{.items[0].metadata.name}}")).ToLowerInvariant());
        await kubectl.SucceedAsync("delete backup nightly");
        await kubectl.SucceedAsync($"delete crd backups.{_group}");
    }

    [Theory]
    [InlineData("schedule: 5", "spec.schedule: expected a string, got 5")]
    [InlineData("keep: 2", "spec.schedule: Required value")]
    [InlineData("{schedule: '@daily', keep: 0}", "spec.keep: Invalid value: 0: should be greater than or equal to 1")]
    [InlineData("{schedule: '@hourly'}", "spec.schedule: Unsupported value: \"@hourly\": supported values: \"@daily\", \"@weekly\"")]
    [InlineData("{schedule: '@daily', targets: [{name: a}, {name: a}]}", "spec.targets[1]: Duplicate value")]
    [InlineData("{schedule: '@daily', targets: [{name: A}]}", "spec.targets[0].name: Invalid value: \"A\": should match '^[a-z]+$'")]
    [InlineData("{schedule: '@daily', kepe: 1}", "unknown field \"spec.kepe\"")]
    public async Task An_object_that_breaks_the_schema_is_refused_with_the_field(string spec, string sentence)
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await DefineAsync(kubectl);
        var refused = await kubectl.FeedAsync(Backup("wrong", spec), "create", "--validate=strict", "-f", "-");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains(sentence, refused.Error, StringComparison.Ordinal);
        Assert.Contains("No resources found", (await kubectl.RunAsync("get", "backups." + _group)).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plural: backups", "plural: saves", "metadata.name: Invalid value")]
    [InlineData("storage: true", "storage: false", "must have exactly one version marked as storage version")]
    [InlineData("scope: Namespaced", "scope: Galactic", "spec.scope: Unsupported value: \"Galactic\"")]
    [InlineData("keep: {type: integer,", "keep: {", "properties[keep].type: Required value")]
    [InlineData("pattern: '^[a-z]+$'", "pattern: '(?=a)'", "must be a valid regular expression")]
    public async Task A_definition_that_cannot_be_served_is_refused(string text, string wrong, string sentence)
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        var refused = await kubectl.FeedAsync(Definition().Replace(text, wrong, StringComparison.Ordinal), "create", "-f", "-");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains(sentence, refused.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, (await kubectl.RunAsync("get", "crd", $"backups.{_group}")).ExitCode);
    }

    [Fact]
    public async Task Its_objects_go_with_the_definition_and_do_not_come_back_with_it()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await DefineAsync(kubectl);
        (await kubectl.FeedAsync(Backup("a", "schedule: '@daily'") + "---\n" + Backup("b", "schedule: '@daily'"), "create", "-f", "-")).Succeeded();
        await kubectl.SucceedAsync($"delete crd backups.{_group} --timeout=30s");
        Assert.Contains("the server doesn't have a resource type", (await kubectl.RunAsync("get", $"backups.{_group}")).Error, StringComparison.Ordinal);
        await DefineAsync(kubectl);
        Assert.Contains("No resources found", (await kubectl.RunAsync("get", $"backups.{_group}")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_are_taken_are_not_given_twice()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await DefineAsync(kubectl);
        var other = Definition().Replace("plural: backups", "plural: copies", StringComparison.Ordinal).Replace($"name: backups.{_group}", $"name: copies.{_group}", StringComparison.Ordinal);
        (await kubectl.FeedAsync(other, "create", "-f", "-")).Succeeded();
        await kubectl.WaitForAsync($"get crd copies.{_group} -o jsonpath={{.status.conditions[?(@.type==\"NamesAccepted\")].reason}}", said => said == "ResourceNameConflict");
        await kubectl.SucceedAsync($"delete crd backups.{_group}");
        await kubectl.SucceedAsync($"wait crd copies.{_group} --for=condition=established --timeout=30s");
    }

    [Fact]
    public async Task Of_two_definitions_of_one_kind_made_at_once_one_is_established()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        var other = Definition().Replace("plural: backups", "plural: copies", StringComparison.Ordinal).Replace($"name: backups.{_group}", $"name: copies.{_group}", StringComparison.Ordinal)
            .Replace("shortNames: [bk]", "singular: copy", StringComparison.Ordinal);
        (await kubectl.FeedAsync($"{other}\n---\n{Definition()}", "create", "-f", "-")).Succeeded();
        await kubectl.WaitForAsync($"get crd backups.{_group} copies.{_group} -o jsonpath={{.items[*].status.conditions[?(@.type==\"Established\")].status}}", said => said is "True False" or "False True");
        (await kubectl.FeedAsync(Backup("nightly", "schedule: '@daily'"), "create", "-f", "-")).Succeeded();
    }

    [Fact]
    public async Task Nobody_un_establishes_a_kind_that_has_objects()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await DefineAsync(kubectl);
        await kubectl.SucceedAsync($"patch crd backups.{_group} --subresource=status --type=merge -p {{\"status\":{{\"conditions\":[]}}}}");
        (await kubectl.FeedAsync(Backup("nightly", "schedule: '@daily'"), "create", "-f", "-")).Succeeded();
        Assert.Contains("nightly", await kubectl.SucceedAsync($"get backups.{_group} -o name"), StringComparison.Ordinal);
        await kubectl.SucceedAsync($"wait crd backups.{_group} --for=condition=established --timeout=30s");
    }

    [Fact]
    public async Task The_kind_and_its_objects_survive_a_kill()
    {
        await using var node = await NodeProcess.StartAsync();
        var kubectl = node.Kubectl(Kubectl.Newest);
        await DefineAsync(kubectl);
        (await kubectl.FeedAsync(Backup("nightly", "schedule: '@daily'"), "create", "-f", "-")).Succeeded();
        await node.KillAsync();
        await node.RestartAsync();
        Assert.Equal("@daily", await kubectl.SucceedAsync($"get backups.{_group} nightly -o jsonpath={{.spec.schedule}}"));
        await kubectl.SucceedAsync($"patch backups.{_group} nightly --type=merge -p {{\"spec\":{{\"keep\":5}}}}");
        var refused = await kubectl.RunAsync("patch", $"backups.{_group}", "nightly", "--type=merge", "-p", """{"spec":{"keep":0}}""");
        Assert.Contains("should be greater than or equal to 1", refused.Error, StringComparison.Ordinal);
    }

    private async Task DefineAsync(Kubectl kubectl)
    {
        (await kubectl.FeedAsync(Definition(), "create", "-f", "-")).Succeeded();
        await kubectl.SucceedAsync($"wait crd backups.{_group} --for=condition=established --timeout=30s");
    }

    private string Backup(string name, string spec) => $$"""
        apiVersion: {{_group}}/v1
        kind: Backup
        metadata: {name: {{name}}}
        spec: {{(spec.StartsWith('{') ? spec : $"{{{spec}}}")}}

        """;

    private string Definition() => $$$"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: backups.{{{_group}}}}
        spec:
          group: {{{_group}}}
          scope: Namespaced
          names: {plural: backups, kind: Backup, shortNames: [bk]}
          versions:
          - name: v1
            served: true
            storage: true
            subresources: {status: {}}
            additionalPrinterColumns:
            - {name: Schedule, type: string, jsonPath: .spec.schedule}
            - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
            - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    required: [schedule]
                    properties:
                      schedule: {type: string, enum: ['@daily', '@weekly']}
                      keep: {type: integer, minimum: 1, default: 3, description: How many backups are kept}
                      targets:
                        type: array
                        x-kubernetes-list-type: map
                        x-kubernetes-list-map-keys: [name]
                        items:
                          type: object
                          required: [name]
                          properties:
                            name: {type: string, pattern: '^[a-z]+$'}
                  status: {type: object, x-kubernetes-preserve-unknown-fields: true}
          - name: v1alpha1
            served: true
            storage: false
            schema:
              openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
        """;
}
