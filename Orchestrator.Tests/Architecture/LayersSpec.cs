using System.Reflection;
using System.Xml.Linq;
using NetArchTest.Rules;

namespace Orchestrator.Tests.Architecture;

/// <summary>Who may depend on whom; the tree in README.md says the same in words.</summary>
public class LayersSpec
{
    private static readonly Assembly Actors = typeof(Orchestrator.Actors.Api.Kinds).Assembly;

    [Theory]
    [InlineData("Microsoft.AspNetCore")]
    [InlineData("Docker.DotNet")]
    [InlineData("Orchestrator.Node")]
    [InlineData("Orchestrator.Cli")]
    public void The_domain_knows_no_host_concern(string forbidden) =>
        AssertHolds(Types.InAssembly(Actors).ShouldNot().HaveDependencyOn(forbidden).GetResult());

    [Theory]
    [InlineData("Orchestrator.Actors.Journal")]
    [InlineData("Orchestrator.Actors.Feed")]
    [InlineData("Orchestrator.Actors.Entities")]
    [InlineData("Akka")]
    public void Api_is_the_bottom_layer(string forbidden) =>
        AssertHolds(Types.InAssembly(Actors).That().ResideInNamespace("Orchestrator.Actors.Api")
            .ShouldNot().HaveDependencyOn(forbidden).GetResult());

    [Theory]
    [InlineData("Orchestrator.Actors.ReplicaSets")]
    [InlineData("Orchestrator.Actors.Deployments")]
    [InlineData("Orchestrator.Actors.Scheduling")]
    public void The_journal_knows_no_kind(string forbidden) =>
        AssertHolds(Types.InAssembly(Actors).That().ResideInNamespace("Orchestrator.Actors.Journal")
            .ShouldNot().HaveDependencyOn(forbidden).GetResult());

    [Fact]
    public void The_command_line_speaks_http_only()
    {
        var project = XDocument.Load(Path.Combine(RepositoryRoot(), "Orchestrator.Cli", "Orchestrator.Cli.csproj"));
        Assert.Empty(project.Descendants("ProjectReference"));
    }

    private static void AssertHolds(TestResult result) =>
        Assert.True(result.IsSuccessful, string.Join(", ", result.FailingTypeNames ?? []));

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("Orchestrator.sln is above no folder of the tests.");
        }

        return folder.FullName;
    }
}
