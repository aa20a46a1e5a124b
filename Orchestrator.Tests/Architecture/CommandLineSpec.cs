using System.Xml.Linq;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Architecture;

/// <summary>orc is a client like any other.</summary>
public class CommandLineSpec
{
    [Fact]
    public void The_command_line_references_no_project()
    {
        var project = XDocument.Load(Path.Combine(Repository.Root, "Orchestrator.Cli", "Orchestrator.Cli.csproj"));
        Assert.Empty(project.Descendants("ProjectReference"));
    }
}
