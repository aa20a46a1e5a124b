using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Cli;
using Orchestrator.Cli.Output;

namespace Orchestrator.Tests.Cli;

/// <summary>YAML as manifests use it.</summary>
public class YamlSpec
{
    private static readonly string[] Tricky =
        ["true", "null", "012", "1e3", "- a", "a: b", "#", "a\nb", " x ", "\"", "'", "{", "*a", "&a", "|", ">", "%", "@", "", "\n", "a\n\n", " a\nb", "a \n b", "\ta", "é", "---", "<<", "=", "0x10", "1_000", ".nan", "y"];

    [Theory]
    [InlineData("a: 1", """{"a":1}""")]
    [InlineData("a: \"1\"", """{"a":"1"}""")]
    [InlineData("mode: 0644", """{"mode":420}""")]
    [InlineData("a: true\nb: null\nc: ~\nd:", """{"a":true,"b":null,"c":null,"d":null}""")]
    [InlineData("a: yes\nb: off\nc: Y\nd: n\ne: \"on\"\nf: yess", """{"a":true,"b":false,"c":true,"d":false,"e":"on","f":"yess"}""")]
    [InlineData("a: 100m\nb: 1.5\nc: 16Mi", """{"a":"100m","b":1.5,"c":"16Mi"}""")]
    [InlineData("a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2", """{"a":{"b":1},"c":{"b":1},"d":{"e":2,"b":1}}""")]
    [InlineData("{\"a\": [1, \"b\"]}", """{"a":[1,"b"]}""")]
    public void Scalars_and_anchors_become_json(string yaml, string json) =>
        Assert.Equal(json, Assert.Single(Yaml.Read(yaml, "test")).ToJsonString());

    [Fact]
    public void Empty_documents_do_not_count() => Assert.Equal(2, Yaml.Read("---\na: 1\n---\n# nothing\n---\nb: 2\n", "test").Count);

    [Theory]
    [InlineData("a: [1")]
    [InlineData("a: 1\na: 2")]
    [InlineData("a: *nobody")]
    public void What_is_wrong_is_said_with_file_and_line(string yaml) =>
        Assert.Matches("^web.yaml is not valid YAML at line [0-9]+: ", Assert.Throws<CliException>(() => Yaml.Read(yaml, "web.yaml")).Message);

    [Fact]
    public void Text_that_looks_like_something_else_is_quoted()
    {
        var o = new JsonObject { ["a"] = "true", ["b"] = "12", ["c"] = "yes", ["d"] = "2030-01-01T00:00:00Z", ["e"] = "x\ny\n", ["f"] = "plain", ["g"] = 5, ["h"] = new JsonObject(), ["i"] = new JsonArray() };
        Assert.Equal("a: \"true\"\nb: \"12\"\nc: \"yes\"\nd: \"2030-01-01T00:00:00Z\"\ne: |\n  x\n  y\nf: plain\ng: 5\nh: {}\ni: []\n", Yaml.Write(o));
    }

    [Fact]
    public void What_is_written_reads_back_as_it_was()
    {
        var text = Gen.OneOf(Gen.String[Gen.Char[' ', '~'], 0, 12], Gen.Int[0, Tricky.Length - 1].Select(i => Tricky[i]));
        Gen.Select(text, text, Gen.Long, Gen.Bool).Sample((a, b, n, flag) =>
        {
            var o = new JsonObject { ["text"] = a, ["named"] = new JsonObject { [b] = n }, ["list"] = new JsonArray(b, n, new JsonObject { ["flag"] = flag, ["none"] = null }) };
            Assert.Equal(o.ToJsonString(), Sorted(Yaml.Read(Yaml.Write(o), "test").Single()));
        }, iter: 500);
    }

    private static string Sorted(JsonNode node) =>
        new JsonObject { ["text"] = node["text"]?.DeepClone(), ["named"] = node["named"]?.DeepClone(), ["list"] = node["list"]?.DeepClone() }.ToJsonString();
}
