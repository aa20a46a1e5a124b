extern alias cli;

using System.Text.Json.Nodes;
using Orchestrator.Cli.Output;
using Age = cli::Orchestrator.Actors.Api.Tables.Age;

namespace Orchestrator.Tests.Cli;

/// <summary>Columns as kubectl aligns them.</summary>
public class TableSpec
{
    private const string Pods = """
        {"kind":"Table","columnDefinitions":[{"name":"Name","priority":0},{"name":"Ready","priority":0},{"name":"Node","priority":1}],
         "rows":[{"cells":["web-1","1/1","n1"],"object":{"metadata":{"name":"web-1","namespace":"shop","labels":{"b":"2","a":"1"}}}},
                 {"cells":["a-longer-name","0/1",null],"object":{"metadata":{"name":"a-longer-name","namespace":"shop"}}}]}
        """;

    [Fact]
    public void Columns_are_as_wide_as_their_widest_cell_and_nothing_trails()
    {
        Assert.Equal("NAME            READY\nweb-1           1/1\na-longer-name   0/1\n", Print(new ResourceTable(false, false, false)));
    }

    [Fact]
    public void Wide_namespaces_and_labels_add_their_columns()
    {
        Assert.Equal("NAMESPACE   NAME            READY   NODE     LABELS\nshop        web-1           1/1     n1       a=1,b=2\nshop        a-longer-name   0/1     <none>   <none>\n",
            Print(new ResourceTable(true, true, true)));
    }

    [Fact]
    public void Names_carry_their_type_when_there_are_several()
    {
        Assert.StartsWith("NAME                READY\npod/web-1           1/1", Print(new ResourceTable(false, false, false, "pod/")), StringComparison.Ordinal);
    }

    [Fact]
    public void Later_rows_keep_the_widths_of_earlier_ones()
    {
        using var text = new StringWriter();
        var writer = new TableWriter(text);
        writer.Write(["NAME", "READY"], [["a-longer-name", "1/1"]]);
        writer.Write(null, [["web", "0/1"]]);
        Assert.EndsWith("web             0/1\n", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Colours_do_not_shift_columns()
    {
        using var text = new StringWriter();
        new TableWriter(text, hasColour: true).Write(["STATUS", "AGE"], [["Running", "5s"]]);
        Assert.Equal("STATUS    AGE\n\u001b[32mRunning\u001b[0m   5s\n", text.ToString());
    }

    [Theory]
    [InlineData(45, "45s")]
    [InlineData(185, "3m5s")]
    [InlineData(14 * 60, "14m")]
    [InlineData((2 * 3600) + (7 * 60), "127m")]
    [InlineData((5 * 3600) + (7 * 60), "5h7m")]
    [InlineData(30 * 86400, "30d")]
    public void Ages_are_short(int seconds, string text) => Assert.Equal(text, Age.Of(TimeSpan.FromSeconds(seconds)));

    private static string Print(ResourceTable shape)
    {
        using var text = new StringWriter();
        var rows = shape.Rows((JsonObject)JsonNode.Parse(Pods)!);
        new TableWriter(text).Write(shape.Header, rows);
        return text.ToString();
    }
}
