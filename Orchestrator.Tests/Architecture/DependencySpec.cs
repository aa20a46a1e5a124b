using NetArchTest.Rules;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Architecture;

/// <summary>The "may depend on" arrows of docs/nomenclature.md, as a test.</summary>
public class DependencySpec
{
    [Theory]
    [InlineData("Orchestrator.Actors", "Microsoft.AspNetCore")]
    [InlineData("Orchestrator.Actors", "Docker.DotNet")]
    [InlineData("Orchestrator.Actors.Api", "Orchestrator.Actors.Journal")]
    [InlineData("Orchestrator.Actors.Api", "Orchestrator.Actors.Feed")]
    [InlineData("Orchestrator.Actors.Api", "Orchestrator.Actors.Entities")]
    [InlineData("Orchestrator.Actors.Api", "Akka")]
    [InlineData("Orchestrator.Actors.Journal", "Orchestrator.Actors.Feed")]
    [InlineData("Orchestrator.Actors.Journal", "Orchestrator.Actors.Entities")]
    [InlineData("Orchestrator.Actors.Feed", "Orchestrator.Actors.Entities")]
    [InlineData("Orchestrator.Actors.Entities", "Orchestrator.Actors.GarbageCollection")]
    [InlineData("Orchestrator.Actors.Entities", "Orchestrator.Actors.Scheduling")]
    [InlineData("Orchestrator.Actors.Entities", "Orchestrator.Actors.Reconcile")]
    [InlineData("Orchestrator.Actors.Validation", "Orchestrator.Actors.Entities")]
    [InlineData("Orchestrator.Actors.Resources", "Orchestrator.Actors.Entities")]
    [InlineData("Orchestrator.Actors.Admission", "Orchestrator.Actors.Entities")]
    [InlineData("Orchestrator.Actors.Workloads", "Orchestrator.Actors.Entities")]
    public void No_dependency_points_the_wrong_way(string from, string to)
    {
        var result = Types.InAssembly(typeof(ResourceDefinition).Assembly).That().ResideInNamespaceStartingWith(from).ShouldNot().HaveDependencyOn(to).GetResult();
        Assert.True(result.IsSuccessful, $"{from} must not use {to}: {string.Join(", ", result.FailingTypeNames ?? [])}");
    }
}
