using System.Reflection;
using System.Text;
using Orchestrator.Tests.Conformance.Containers;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Conformance;

/// <summary>A behaviour of Kubernetes' conformance tests.</summary>
/// <param name="Group">The group of Kubernetes' developers whose test it is.</param>
/// <param name="Name">The name of its test, without the words in brackets.</param>
/// <param name="Why">Why no spec shows it; null if one does.</param>
/// <param name="Specs">The specs that show it.</param>
public sealed record Behaviour(string Group, string Name, string? Why, IReadOnlyList<MethodInfo> Specs);

/// <summary>The behaviours that concern this product, and the specs that show them.</summary>
public static class Behaviours
{
    private const string Open = " | open: ";
    private const string Heading = "# sig-";

    /// <summary>The list: one name a line, and for those that no spec shows the reason.</summary>
    public static string File => Path.Combine(Repository.Root, "Orchestrator.Tests", "Conformance", "behaviours.txt");

    /// <summary>Reads the list.</summary>
    public static IReadOnlyList<Behaviour> Read()
    {
        var specs = Marked().ToLookup(m => m.Name, m => m.Spec);
        var (all, group) = (new List<Behaviour>(), "");
        foreach (var line in System.IO.File.ReadLines(File).Where(l => l.Length > 0))
        {
            if (line[0] != '#')
            {
                var parts = line.Split(Open);
                all.Add(new Behaviour(group, parts[0], parts.ElementAtOrDefault(1), [.. specs[parts[0]]]));
            }
            else if (line.StartsWith(Heading, StringComparison.Ordinal))
            {
                group = line[2..];
            }
        }

        return all;
    }

    /// <summary>All marks of specs.</summary>
    public static IEnumerable<(string Name, MethodInfo Spec)> Marked() => typeof(Behaviours).Assembly.GetTypes()
        .SelectMany(t => t.GetMethods()).SelectMany(m => m.GetCustomAttributes<ConformanceAttribute>().Select(a => (a.Name, m)))
        .Concat(PodTable.All.SelectMany(r => r.Shows).Select(name => (name, typeof(PodTableSpec).GetMethod(nameof(PodTableSpec.A_pod_ends_and_has_printed_what_it_should))!)));

    /// <summary>How many of how many are shown, and which are not, with the reasons.</summary>
    public static string Report(IReadOnlyList<Behaviour> all)
    {
        var open = all.Where(b => b.Specs.Count == 0).ToList();
        var specs = all.SelectMany(b => b.Specs).Distinct().Count();
        var text = new StringBuilder().AppendLine(
            $"{all.Count - open.Count} of {all.Count} behaviours of Kubernetes' conformance tests (1.30: workloads, scheduling, quotas, nodes, storage, accounts and the network) are shown by {specs} specs.");
        text.AppendLine(string.Join(", ", all.GroupBy(b => b.Group).Select(g => $"{g.Key} {g.Count(b => b.Specs.Count > 0)} of {g.Count()}")));
        if (open.Count > 0)
        {
            text.AppendLine("Not shown:");
            open.ForEach(b => text.AppendLine($"  {b.Name}: {b.Why ?? "no reason is listed"}"));
        }

        return text.ToString();
    }
}
