using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.CustomResourceDefinitions;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Kinds.CustomResourceDefinitions;

/// <summary>What a definition makes of the registry, and which definitions are refused.</summary>
public sealed class CustomKindsSpec
{
    private static readonly ResourceDefinition Kind = CustomResourceDefinitionDefinition.Instance;

    [Theory]
    [InlineData("events.k8s.io", "events", "Event")]
    [InlineData("apps", "deployments", "Other")]
    [InlineData("networking.k8s.io", "others", "Ingress")]
    public void What_is_built_in_stays_what_it_is(string group, string plural, string kind)
    {
        var registry = new ResourceRegistry();
        var (before, version) = (registry.ByGroupKind(group, kind), registry.Version);
        registry.Take(null, Crd(group, plural, kind));
        Assert.Equal((before, version), (registry.ByGroupKind(group, kind), registry.Version));
    }

    [Fact]
    public void Of_two_definitions_of_one_kind_the_first_is_served()
    {
        var registry = new ResourceRegistry();
        registry.Take(null, Crd("x.io", "foos", "Foo"));
        registry.Take(null, Crd("x.io", "bars", "Foo"));
        Assert.Equal("foos", registry.ByGroupKind("x.io", "Foo")!.Plural);
        Assert.Null(registry.ByResource("bars.x.io"));
    }

    [Fact]
    public void A_kind_stays_as_long_as_what_defines_it()
    {
        var registry = new ResourceRegistry();
        var crd = Crd("x.io", "foos", "Foo");
        registry.Take(null, crd);
        registry.Take(crd, Crd("x.io", "foos", "Foo", established: "False"));
        Assert.NotNull(registry.ByResource("foos.x.io"));
        registry.Take(crd, null);
        Assert.Null(registry.ByResource("foos.x.io"));
    }

    [Fact]
    public void A_version_that_is_only_stored_is_not_served_and_others_show_objects_of_it()
    {
        var registry = new ResourceRegistry();
        registry.Take(null, Crd("x.io", "foos", "Foo", versions: """[{"name":"v1","served":true,"storage":false},{"name":"v2","served":false,"storage":true}]"""));
        Assert.Null(registry.ByPath("x.io", "v2", "foos"));
        var v1 = registry.ByPath("x.io", "v1", "foos")!;
        Assert.Equal("x.io/v1", (string?)v1.Show(Foo(registry, "x.io/v2")).ToNode()["apiVersion"]);
    }

    [Fact]
    public void Objects_of_a_former_storage_version_are_shown_in_the_present_one()
    {
        var registry = new ResourceRegistry();
        registry.Take(null, Crd("x.io", "foos", "Foo", versions: """[{"name":"v1","served":true,"storage":false},{"name":"v2","served":true,"storage":true}]"""));
        Assert.Equal("x.io/v2", (string?)registry.ByPath("x.io", "v2", "foos")!.Show(Foo(registry, "x.io/v1")).ToNode()["apiVersion"]);
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","items":{"type":5}}}}""", "expected a string, got 5")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","items":{"type":"object","required":[5]}}}}""", "expected a string, got 5")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"object","additionalProperties":{"type":"string","pattern":5}}}}""", "expected a string, got 5")]
    [InlineData("""{"type":"object","allOf":[{"pattern":"(?=a)"}]}""", "allOf[0].pattern")]
    [InlineData("""{"type":"object","not":{"$ref":"#/x"}}""", "not.$ref")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","default":5}}}""", "properties[a].default")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer","minimum":3,"default":1}}}""", "properties[a].default")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","pattern":"(a{1000}){1000}"}}}""", "properties[a].pattern")]
    public void A_schema_that_could_not_be_used_is_refused(string schema, string sentence) => Assert.Contains(sentence, Refusal(Definition(schema: schema)), StringComparison.Ordinal);

    [Fact]
    public void A_path_of_too_many_steps_and_names_that_are_none_are_refused()
    {
        var crd = Definition();
        crd["spec"]!["versions"]![0]!["additionalPrinterColumns"] = new JsonArray(new JsonObject
        {
            ["name"] = "x", ["type"] = "string", ["jsonPath"] = string.Concat(Enumerable.Repeat(".a", 100_000)),
        });
        Assert.Contains("additionalPrinterColumns[0].jsonPath", Refusal(crd), StringComparison.Ordinal);
        crd = Definition();
        (crd["spec"]!["names"]!["singular"], crd["spec"]!["names"]!["kind"]) = ("a\0", "\u212AFoo");
        Assert.Contains("spec.names.singular", Refusal(crd), StringComparison.Ordinal);
        Assert.Contains("spec.names.kind", Refusal(crd), StringComparison.Ordinal);
        Assert.Contains("api-approved.kubernetes.io", Refusal(Definition(group: "x.k8s.io")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"statusReplicasPath":".status.n"}""", "subresources.scale.specReplicasPath: Required value")]
    [InlineData("""{"specReplicasPath":".spec.n"}""", "subresources.scale.statusReplicasPath: Required value")]
    [InlineData("""{"specReplicasPath":".status.n","statusReplicasPath":".status.n"}""", "should be a JSON path under .spec")]
    [InlineData("""{"specReplicasPath":".spec.n","statusReplicasPath":".spec.n"}""", "should be a JSON path under .status")]
    [InlineData("""{"specReplicasPath":".spec.a[0].n","statusReplicasPath":".status.n"}""", "without arrays")]
    [InlineData("""{"specReplicasPath":".spec.n","statusReplicasPath":".status.n","labelSelectorPath":".metadata.labels"}""", "should be a JSON path under .spec or .status")]
    public void A_scale_is_in_spec_and_status(string scale, string sentence)
    {
        var crd = Definition();
        crd["spec"]!["versions"]![0]!["subresources"] = new JsonObject { ["scale"] = JsonNode.Parse(scale) };
        Assert.Contains(sentence, Refusal(crd), StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_in_which_objects_may_be_stored_stays()
    {
        var old = Crd("x.io", "foos", "Foo", versions: """[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]""").ToNode();
        old["status"]!["storedVersions"] = new JsonArray("v1");
        var changed = (JsonObject)old.DeepClone();
        changed["spec"]!["versions"]![0]!["name"] = "v2";
        Assert.Contains("status.storedVersions[0]", Admitter.Update(Kind, changed, KubeObject.From(Kind, old), NoObjects.Instance)!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","enum":["x"]}}}""", """{"a":"y"}""", "a: Unsupported value")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"number","maximum":10}}}""", """{"a":1e30}""", "a: Invalid value: 1e30: should be less than or equal to 10")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"number","minimum":1e30}}}""", """{"a":5}""", "should be greater than or equal to 1e30")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer","exclusiveMinimum":true,"minimum":1}}}""", """{"a":1}""", "should be greater than 1")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","format":"date-time"}}}""", """{"a":"today"}""", "must be of type date-time")]
    [InlineData("""{"type":"object","anyOf":[{"required":["a"]},{"required":["b"]}],"properties":{"a":{"type":"string"},"b":{"type":"string"}}}""", "{}", "anyOf")]
    [InlineData("""{"type":"object","oneOf":[{"required":["a"]},{"required":["b"]}],"properties":{"a":{"type":"string"},"b":{"type":"string"}}}""", """{"a":"1","b":"2"}""", "oneOf")]
    [InlineData("""{"type":"object","not":{"required":["a"]},"properties":{"a":{"type":"string"}}}""", """{"a":"1"}""", "must not validate")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","maxItems":1,"items":{"type":"integer"}}}}""", """{"a":[1,2]}""", "must have at most 1 items")]
    public void An_object_is_held_to_the_rules_of_its_schema(string schema, string members, string sentence)
    {
        var kind = Defined(schema);
        var o = Parse(members);
        o["metadata"] = new JsonObject { ["name"] = "a", ["namespace"] = "default" };
        Assert.Contains(sentence, Admitter.Create(kind, o, NoObjects.Instance)!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_and_defaults_are_bounded_whatever_the_object()
    {
        var words = new JsonArray([.. Enumerable.Range(0, 10_000).Select(i => JsonValue.Create($"word-{i}"))]);
        var kind = Defined($$$$$$$"""{"type":"object","properties":{"a":{"type":"array","items":{"type":"string","enum":{{{{{{{words.ToJsonString()}}}}}}}}}}}""");
        var o = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "a" }, ["a"] = new JsonArray([.. Enumerable.Range(0, 100_000).Select(_ => JsonValue.Create("no"))]) };
        var error = Admitter.Create(kind, o, NoObjects.Instance)!;
        Assert.InRange(error.Message.Length, 1, 100_000);
        Assert.Equal(100, error.Causes.Length);

        kind = Defined($$$$$$$"""{"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{"x":{"type":"string","default":"{{{{{{{new string('x', 100_000)}}}}}}}"}}}}}}""");
        o = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "a" }, ["a"] = new JsonArray([.. Enumerable.Range(0, 10_000).Select(_ => new JsonObject())]) };
        Assert.Contains("more than 2 MiB", Admitter.Create(kind, o, NoObjects.Instance)!.Message, StringComparison.Ordinal);
    }

    private static ResourceDefinition Defined(string schema) =>
        CustomKind.Read(Crd("x.io", "foos", "Foo", versions: $$$"""[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{{{schema}}}}}]"""))!.Stored;

    private static string Refusal(JsonObject crd) => Admitter.Create(Kind, crd, NoObjects.Instance)?.Message ?? "";

    private static KubeObject Foo(ResourceRegistry registry, string apiVersion) =>
        KubeObject.From(registry.ByResource("foos.x.io")!, Parse($$"""{"apiVersion":"{{apiVersion}}","kind":"Foo","metadata":{"name":"a","namespace":"default"} }"""));

    private static JsonObject Definition(string group = "x.io", string schema = """{"type":"object"}""")
    {
        var crd = Crd(group, "foos", "Foo", versions: $$$"""[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{{{schema}}}}}]""").ToNode();
        crd.Remove("status");
        return crd;
    }

    private static KubeObject Crd(string group, string plural, string kind, string established = "True", string versions = """[{"name":"v1","served":true,"storage":true}]""") =>
        KubeObject.From(Kind, Parse($$"""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"{{plural}}.{{group}}","uid":"u-{{plural}}"},
             "spec":{"group":"{{group}}","scope":"Namespaced","names":{"plural":"{{plural}}","kind":"{{kind}}"},"versions":{{versions}} },
             "status":{"conditions":[{"type":"Established","status":"{{established}}"}]} }
            """));

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
