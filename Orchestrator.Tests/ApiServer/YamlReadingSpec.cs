using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Cli;
using Orchestrator.Cli.Output;
using Orchestrator.Node.ApiServer.Requests;
using Orchestrator.Tests.Kit;
using YamlDotNet.Core;

namespace Orchestrator.Tests.ApiServer;

/// <summary>A manifest means the same to the server, to orc and to kubectl.</summary>
public class YamlReadingSpec
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    public static TheoryData<string, string> Meanings => new()
    {
        // Flags, as YAML 1.1 has them.
        { "[y, Y, yes, Yes, YES, true, True, TRUE, on, On, ON]", "[true,true,true,true,true,true,true,true,true,true,true]" },
        { "[n, N, no, No, NO, false, False, FALSE, off, Off, OFF]", "[false,false,false,false,false,false,false,false,false,false,false]" },
        { "[yEs, tRue, oN, nULL, \"yes\", 'n']", """["yEs","tRue","oN","nULL","yes","n"]""" },
        { "[~, null, Null, NULL, \"\"]", """[null,null,null,null,""]""" },
        // Whole numbers.
        { "[0, 00, -0, +5, -5, 1_000]", "[0,0,0,5,-5,1000]" },
        { "[0644, 0o644, 0O17, -017, 08, 0o8]", """[420,420,15,-15,8,"0o8"]""" },
        { "[0x1F, -0X1f, 0b101, -0b101, 0xZ, 0b2]", """[31,-31,5,-5,"0xZ","0b2"]""" },
        { "[9223372036854775807, -9223372036854775808]", "[9223372036854775807,-9223372036854775808]" },
        // Fractions.
        { "[1.0, 1., .5, -.5, +.5, 0.30000000000000004]", "[1,1,0.5,-0.5,0.5,0.30000000000000004]" },
        { "[1e3, 1E3, 1.5e3, 1e-3, 129e6, 1e16, 1_0.5]", "[1000,1000,1500,0.001,129000000,10000000000000000,10.5]" },
        { "[1e400, 1e, ., 1.2.3]", """["1e400","1e",".","1.2.3"]""" },
        // Text that begins like a number.
        { "[100m, 16Mi, 2001-01-01, 2001-1-1, \"2001-01-01T00:00:00Z\", 12:30:45, =]", """["100m","16Mi","2001-01-01","2001-1-1","2001-01-01T00:00:00Z","12:30:45","="]""" },
        // Tags.
        { "[!!str 12, !!str yes, ! 12, !other 12]", """["12","yes","12","12"]""" },
        { "[!!int \"12\", !!float 1, !!bool \"yes\", !!null \"\", !!binary aGk=]", """[12,1,true,null,"hi"]""" },
        // Names of fields are text, whatever they look like.
        { "{yes: 1, n: 2, 12: 3, 1.5: 4, 0x10: 5, 010: 6, 1e3: 7, 12a: 8, \"off\": 9}", """{"true":1,"false":2,"12":3,"1.5":4,"16":5,"8":6,"1000":7,"12a":8,"off":9}""" },
        // Anchors, and what is merged.
        { "{a: &x {b: [1]}, c: *x, d: [*x]}", """{"a":{"b":[1]},"c":{"b":[1]},"d":[{"b":[1]}]}""" },
        { "{a: &x {b: 1, c: 2}, d: {<<: *x, c: 3}}", """{"a":{"b":1,"c":2},"d":{"c":3,"b":1}}""" },
        { "{a: &x {b: 1, c: 2}, d: {c: 3, <<: *x}}", """{"a":{"b":1,"c":2},"d":{"b":1,"c":2}}""" },
        { "{a: &x {b: 1}, d: {<<: [*x, {b: 9, e: 4}], c: 5}}", """{"a":{"b":1},"d":{"c":5,"b":1,"e":4}}""" },
        { "{<<: {a: 1}, <<: {b: 1}}", """{"a":1,"b":1}""" },
        { "{<<: {a: {b: 1, c: 1}}, a: {b: 2}}", """{"a":{"b":2}}""" },
        { "{\"<<\": {a: 1}, b: <<}", """{"\u003C\u003C":{"a":1},"b":"\u003C\u003C"}""" },
        // Blocks.
        { "|\n    yes\n", "\"yes\\n\"" },
        { ">-\n    1\n    2\n", "\"1 2\"" },
    };

    public static TheoryData<string> Wrongs => new()
    {
        "a: [1", "a: *nobody", "a: &x [*x]", "[a]: 1", "{b: 1}: 1", "~: 1", "a: {<<: 5}", "a: {<<: [5]}", "a: {<<: ~}",
        "a: !!int yes", "a: !!bool 1", "a: !!int 1.5", "a: .nan", "a: -.Inf", "a: !!binary \"?\"", "a: {b: 1\nc: 2",
    };

    [Theory, MemberData(nameof(Meanings))]
    public void Server_and_command_line_read_the_same(string yaml, string json)
    {
        var document = $"a: {yaml}\n";
        var expected = $$"""{"a":{{json}}}""";
        Assert.Equal(expected, Assert.Single(Yaml.Read(document, "test")).ToJsonString());
        Assert.Equal(expected, Server(document)?.ToJsonString());
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Kubectl_reads_the_same(string version)
    {
        var kubectl = new Kubectl(version);
        var document = new StringBuilder("apiVersion: test.io/v1\nkind: Reading\nmetadata: {name: a}\nspec:\n");
        var expected = new JsonObject();
        foreach (var row in Meanings)
        {
            var (yaml, json) = ((string)row[0], (string)row[1]);
            expected[$"case{expected.Count}"] = JsonNode.Parse(json);
            document.Append(System.Globalization.CultureInfo.InvariantCulture, $"  case{expected.Count - 1}: {yaml}\n");
        }

        var read = (await kubectl.FeedAsync(document.ToString(), "label", "--local", "-f", "-", "seen=yes", "-o", "json")).Succeeded();
        foreach (var (name, value) in JsonNode.Parse(read)!["spec"]!.AsObject())
        {
            Assert.True(JsonNode.DeepEquals(expected[name], value), $"{name}: {value?.ToJsonString()} is not {expected[name]?.ToJsonString()}");
        }
    }

    [Fact]
    public void Whole_numbers_of_any_length_are_exact()
    {
        const string digits = "123456789012345678901234567890123456789012345678901234567890";
        Assert.Equal($$"""{"a":{{digits}}}""", Server($"a: {digits}")?.ToJsonString());
        Assert.Equal("""{"a":18446744073709551616}""", Server("a: 0x10000000000000000")?.ToJsonString());
    }

    [Theory, MemberData(nameof(Wrongs))]
    public void Server_and_command_line_refuse_the_same(string yaml)
    {
        Assert.ThrowsAny<YamlException>(() => Server(yaml));
        Assert.Matches("^test is not valid YAML at line [0-9]+: ", Assert.Throws<CliException>(() => Yaml.Read(yaml, "test")).Message);
    }

    [Fact]
    public void A_field_that_is_there_twice_is_reported_by_the_server_and_refused_by_the_command_line()
    {
        var duplicates = new List<string>();
        var node = YamlBody.Parse(Encoding.UTF8.GetBytes("a:\n- b: 1\n  <<: {b: 0}\n  1: 2\n  b: 3\n  '1': 4\n"), duplicates);
        Assert.Equal("""{"a":[{"1":4,"b":3}]}""", node!.ToJsonString());
        Assert.Equal(["duplicate field \"a[0].b\"", "duplicate field \"a[0].1\""], duplicates);
        Assert.Equal("web.yaml is not valid YAML at line 3: the field a.b is there twice.",
            Assert.Throws<CliException>(() => Yaml.Read("a:\n  b: 1\n  b: 2\n", "web.yaml")).Message);
    }

    private static JsonNode? Server(string yaml) => YamlBody.Parse(Encoding.UTF8.GetBytes(yaml), []);
}
