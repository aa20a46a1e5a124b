using System.Collections.Immutable;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Resources;

/// <summary>A metric about the state of all objects of a kind, named as in kube-state-metrics.</summary>
/// <param name="Name">Name of the metric.</param>
/// <param name="Help">Description of the metric.</param>
/// <param name="Labels">Names of its labels, at most three. Their values must come from a small set, such as namespaces or phases, never the names of objects.</param>
/// <param name="Add">Adds the contribution of one object.</param>
public sealed record StateMetric(string Name, string Help, ImmutableArray<string> Labels, Action<KubeObject, StateSum> Add)
{
    /// <summary>Returns the sums over objects, by the values of the labels.</summary>
    public IReadOnlyDictionary<(string First, string Second, string Third), double> Sum(IEnumerable<KubeObject> objects)
    {
        var sum = new StateSum();
        foreach (var item in objects)
        {
            Add(item, sum);
        }

        return sum.ByLabels;
    }
}

/// <summary>Sums the contributions of objects to a metric.</summary>
public sealed class StateSum
{
    private readonly Dictionary<(string, string, string), double> _byLabels = [];

    /// <summary>The sums by the values of the labels.</summary>
    public IReadOnlyDictionary<(string First, string Second, string Third), double> ByLabels => _byLabels;

    /// <summary>Adds a number under the values of the labels.</summary>
    public void Add(double value, string first = "", string second = "", string third = "") =>
        System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_byLabels, (first, second, third), out _) += value;
}
