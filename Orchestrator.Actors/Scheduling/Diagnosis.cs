using System.Collections.Immutable;

namespace Orchestrator.Actors.Scheduling;

/// <summary>Why no node can take a pod (the <c>Diagnosis</c> of Kubernetes' scheduler).</summary>
/// <param name="Message">The message, worded as in Kubernetes.</param>
/// <param name="Nodes">Number of nodes that were checked.</param>
/// <param name="Lasting">Number of nodes that are ruled out whatever pods leave them.</param>
/// <param name="ByFilter">Number of nodes that each filter ruled out.</param>
/// <param name="ByNode">The reasons of the first nodes by name.</param>
internal sealed record Diagnosis(string Message, int Nodes, int Lasting, IReadOnlyDictionary<string, int> ByFilter, IReadOnlyList<KeyValuePair<string, string>> ByNode)
{
    /// <summary>The number of nodes whose reasons are kept individually.</summary>
    private const int NodesTold = 20;

    /// <summary>Asks every node, and sums up the answers.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="ask">Returns the filter that rules out a node, if one does, and its reasons.</param>
    public static Diagnosis Of(IReadOnlyList<NodeSnapshot> nodes, Func<NodeSnapshot, (string? Filter, Verdict Verdict)> ask)
    {
        if (nodes.Count == 0)
        {
            return new("no nodes available to schedule pods", 0, 0, ImmutableDictionary<string, int>.Empty, []);
        }

        var answers = nodes.Select(n => (Node: n.Name, Answer: ask(n))).Where(a => a.Answer.Filter is not null).ToArray();
        return new(Sum(nodes.Count, answers.SelectMany(a => a.Answer.Verdict.Reasons!)), nodes.Count, answers.Count(a => a.Answer.Verdict.IsLasting),
            answers.GroupBy(a => a.Answer.Filter!).ToDictionary(g => g.Key, g => g.Count()),
            [.. answers.Take(NodesTold).Select(a => KeyValuePair.Create(a.Node, string.Join(", ", a.Answer.Verdict.Reasons!)))]);
    }

    /// <summary>What rules out a pod wherever it would run.</summary>
    /// <param name="why">Why, worded as in Kubernetes.</param>
    /// <param name="filter">The filter that says so.</param>
    /// <param name="nodes">Number of nodes.</param>
    public static Diagnosis OfPod(string why, string filter, int nodes) => new(
        $"0/{nodes} nodes are available: {why}. preemption: 0/{nodes} nodes are available: {nodes} Preemption is not helpful for scheduling.", nodes, nodes, new Dictionary<string, int> { [filter] = nodes }, []);

    /// <summary>Adds why no pods go for one of these pods.</summary>
    public Diagnosis WithoutVictims(PodInfo pod) => Nodes == 0 ? this : this with
    {
        Message = $"{Message} preemption: " + (!pod.Preempts ? "not eligible due to preemptionPolicy=Never."
            : Sum(Nodes, [.. Enumerable.Repeat("Preemption is not helpful for scheduling", Lasting), .. Enumerable.Repeat("No preemption victims found for incoming pod", Nodes - Lasting)])),
    };

    private static string Sum(int nodes, IEnumerable<string> reasons) =>
        $"0/{nodes} nodes are available: {string.Join(", ", reasons.GroupBy(r => r).Select(g => $"{g.Count()} {g.Key}").Order(StringComparer.Ordinal))}.";
}
