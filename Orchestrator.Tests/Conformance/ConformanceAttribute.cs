using Xunit.Abstractions;
using Xunit.Sdk;

namespace Orchestrator.Tests.Conformance;

/// <summary>Marks a spec that shows a behaviour of Kubernetes' conformance tests, by its name in <c>behaviours.txt</c>.</summary>
/// <remarks><c>dotnet test --filter Category=Conformance</c> runs all of them, <c>--filter "Conformance~Job"</c> those about jobs.</remarks>
[TraitDiscoverer("Orchestrator.Tests.Conformance.ConformanceDiscoverer", "Orchestrator.Tests")]
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class ConformanceAttribute(string name) : Attribute, ITraitAttribute
{
    /// <summary>The name.</summary>
    public string Name => name;
}

/// <summary>Tells the runner the traits of <see cref="ConformanceAttribute"/>.</summary>
public sealed class ConformanceDiscoverer : ITraitDiscoverer
{
    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> GetTraits(IAttributeInfo traitAttribute) =>
        [new("Category", "Conformance"), new("Conformance", (string)traitAttribute.GetConstructorArguments().Single())];
}
