using Orchestrator.Node.Hosting;

namespace Orchestrator.Tests.Hosting;

/// <summary>The command line of orchestrator-node, without starting a host.</summary>
public class NodeCommandSpec
{
    [Theory]
    [InlineData("--bogus 1", "--bogus is not an option; options are --config, --data-dir, ")]
    [InlineData("--bogus=1", "--bogus=1 is not an option; options are --config, --data-dir, ")]
    [InlineData("stray", "stray is not an option; options are --config, --data-dir, ")]
    [InlineData("--roles control worker", "worker is not an option; ")]
    [InlineData("[suggest]", "[suggest] is not an option; ")]
    [InlineData("@arguments", "@arguments is not an option; ")]
    [InlineData("--roles", "--roles needs a value")]
    [InlineData("--data-dir= --roles control", "data-dir: it must not be empty")]
    [InlineData("--print-settings=yes", "yes is not an option; ")]
    [InlineData("--version --roles control", "--version option cannot be combined with other arguments.")]
    public void A_wrong_command_line_is_refused_with_what_is_wrong(string line, string error) =>
        Assert.StartsWith(error, NodeCommand.Read(line.Split(' '), _ => null).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("--print-settings --bogus", "orchestrator-node: --bogus is not an option; ")]
    [InlineData("--print-settings --runtime=nonsense", "orchestrator-node: runtime: \"nonsense\" must be ")]
    public async Task A_refusal_ends_with_2_and_one_line(string line, string error)
    {
        var (code, output, said) = await RunAsync(line.Split(' '));
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith(error, said, StringComparison.Ordinal);
        Assert.Single(said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("--node-name first --node-name=second", "second")]
    [InlineData("--node-name=a --print-settings --roles control", "a")]
    public async Task Settings_are_printed_with_the_last_value_of_each_option(string line, string name)
    {
        var (code, output, _) = await RunAsync([.. line.Split(' '), "--data-dir", "/no/such/directory", "--print-settings"]);
        Assert.Equal(0, code);
        Assert.Contains($"node-name={name}", output.Split('\n'));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("help")]
    [InlineData("--roles worker --bogus --help")]
    public async Task Help_has_the_usage_examples_and_every_setting(string line)
    {
        var (code, output, error) = await RunAsync(line.Split(' '));
        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith("orchestrator-node runs a host", output, StringComparison.Ordinal);
        Assert.All(["Usage: orchestrator-node ", "Examples:", .. NodeOptions.Names.Select(n => $"  {n} = ")], part => Assert.Contains("\n" + part, output, StringComparison.Ordinal));
    }

    [Fact]
    public void The_examples_of_the_help_are_valid()
    {
        var examples = NodeCommand.Help.Split('\n').Where(l => l.StartsWith("  orchestrator-node ", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(examples);
        Assert.All(examples, e => Assert.Null(NodeCommand.Read(e.Trim().Split(' ')[1..], _ => null).Error));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await NodeCommand.RunAsync(args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
