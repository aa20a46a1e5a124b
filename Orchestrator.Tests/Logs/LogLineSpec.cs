using Microsoft.Extensions.Logging;
using Orchestrator.Node.Logs;

namespace Orchestrator.Tests.Logs;

/// <summary>The two formats of a line.</summary>
public sealed class LogLineSpec
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 8, 30, 0, 7, TimeSpan.FromHours(1));

    [Fact]
    public void A_line_is_pairs_of_names_and_values() => Assert.Equal(
        "time=2026-03-01T07:30:00.007Z level=warning component=events msg=\"Back-off restarting failed container\" object=pods/default/web-1 reason=BackOff count=3\n",
        TextFormat.Format(BackOff));

    [Fact]
    public void A_line_is_a_JSON_object() => Assert.Equal(
        """{"time":"2026-03-01T07:30:00.007Z","level":"warning","component":"events","msg":"Back-off restarting failed container","object":"pods/default/web-1","reason":"BackOff","count":3}""" + "\n",
        JsonFormat.Format(BackOff));

    [Theory]
    [InlineData("plain", "plain", "\"plain\"")]
    [InlineData("", "\"\"", "\"\"")]
    [InlineData("a=b", "\"a=b\"", "\"a=b\"")]
    [InlineData("say \"no\" \\", "\"say \\\"no\\\" \\\\\"", "\"say \\\"no\\\" \\\\\"")]
    [InlineData("one\r\ntwo\t", "\"one\\r\\ntwo\\t\"", "\"one\\r\\ntwo\\t\"")]
    [InlineData("\u001b[2J", "\"\\u001b[2J\"", "\"\\u001B[2J\"")]
    public void No_value_breaks_its_line(string value, string text, string json)
    {
        var line = BackOff with { Fields = [new("v", value)] };
        Assert.EndsWith($" v={text}\n", TextFormat.Format(line), StringComparison.Ordinal);
        Assert.EndsWith($",\"v\":{json}}}\n", JsonFormat.Format(line), StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_character_is_replaced() => Assert.Contains(",\"v\":\"\ufffd\"}", JsonFormat.Format(BackOff with { Fields = [new("v", new string((char)0xd800, 1))] }), StringComparison.Ordinal);

    [Fact]
    public void An_expected_failure_is_its_reason()
    {
        var away = new IOException("Cannot write.", new IOException("Broken pipe"));
        var line = BackOff with { Fields = [], Cause = away };
        Assert.EndsWith(" error=\"Cannot write: Broken pipe\"\n", TextFormat.Format(line), StringComparison.Ordinal);
        Assert.EndsWith(",\"error\":\"Cannot write: Broken pipe\"}\n", JsonFormat.Format(line), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unexpected_failure_has_its_stack_in_the_same_record()
    {
        var line = BackOff with { Fields = [], Cause = Thrown() };
        var text = TextFormat.Format(line).Split('\n');
        Assert.EndsWith(" error=\"InvalidOperationException: first\\nsecond\"", text[0], StringComparison.Ordinal);
        Assert.All(text[1..^1], l => Assert.StartsWith("    ", l, StringComparison.Ordinal));
        Assert.Contains(text, l => l.Contains(nameof(Thrown), StringComparison.Ordinal));
        var json = System.Text.Json.Nodes.JsonNode.Parse(JsonFormat.Format(line))!;
        Assert.Equal("InvalidOperationException: first\nsecond", (string?)json["error"]);
        Assert.Contains(nameof(Thrown), (string?)json["stack"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_very_long_value_is_cut() =>
        Assert.InRange(TextFormat.Format(BackOff with { Message = new string('x', 1_000_000) }).Length, 1000, 10_000);

    [Theory]
    [InlineData("Orchestrator.Actors.Kinds.Nodes.NodeGatewayActor", "node-gateway")]
    [InlineData("Orchestrator.Node.ApiServer.KubernetesApi", "kubernetes-api")]
    [InlineData("Akka.Some`1[[System.Int32]]", "some")]
    [InlineData("events", "events")]
    [InlineData("Actor", "actor")]
    public void A_component_is_the_short_name_of_a_class(string category, string component) => Assert.Equal(component, LogProvider.ComponentOf(category));

    private static LogLine BackOff => new(At, LogLevel.Warning, "events", "Back-off restarting failed container",
        [new("object", "pods/default/web-1"), new("reason", "BackOff"), new("count", 3)]);

    private static Exception Thrown()
    {
        try
        {
            throw new InvalidOperationException("first\nsecond");
        }
        catch (InvalidOperationException e)
        {
            return e;
        }
    }
}
