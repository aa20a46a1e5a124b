using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Faults.Checks;
using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Workload;

/// <summary>Counts in objects that it shares with others: reads the value, and writes the next with the version that was read.</summary>
internal sealed class Counter(string name, FaultCluster cluster, History history, Random random) : Client(name, cluster, history, random)
{
    private static readonly string[] Names = ["count-0", "count-1", "count-2"];

    /// <summary>Creates the counters; every host is well.</summary>
    public async Task CreateAsync()
    {
        foreach (var counter in Names)
        {
            var (created, _) = await AskAsync(Ask(Verb.Create, counter), HttpMethod.Post, Maps, Counted(counter, 0, null));
            if (created.Outcome != Outcome.Acknowledged)
            {
                throw new InvalidOperationException($"{created}");
            }
        }
    }

    protected override async Task StepAsync()
    {
        var counter = Names[Random.Next(Names.Length)];
        var (read, answer) = await AskAsync(Ask(Verb.Get, counter), HttpMethod.Get, $"{Maps}/{counter}");
        if (answer.IsSuccess)
        {
            var next = long.Parse((string)answer.Body!["data"]![CountersCheck.Key]!, CultureInfo.InvariantCulture) + 1;
            await AskAsync(Ask(Verb.Count, counter) with { Value = next }, HttpMethod.Put, $"{Maps}/{counter}", Counted(counter, next, read.Revision));
        }
    }

    private static JsonObject Counted(string counter, long value, long? version)
    {
        var metadata = new JsonObject { ["name"] = counter };
        if (version is { } read)
        {
            metadata["resourceVersion"] = read.ToString(CultureInfo.InvariantCulture);
        }

        return new JsonObject { ["metadata"] = metadata, ["data"] = new JsonObject { [CountersCheck.Key] = value.ToString(CultureInfo.InvariantCulture) } };
    }
}
