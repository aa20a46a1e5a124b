using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Workload;

/// <summary>Lists all, and gets one of what the last list had, deleted ones too.</summary>
internal sealed class Reader(string name, FaultCluster cluster, History history, Random random) : Client(name, cluster, history, random)
{
    private readonly List<string> _known = [];

    protected override async Task StepAsync()
    {
        if (_known.Count == 0 || Random.Next(5) == 0)
        {
            var (list, _) = await AskAsync(Ask(Verb.List, ""), HttpMethod.Get, Maps);
            if (list.Items is { } items)
            {
                _known.Clear();
                _known.AddRange(items.Keys);
            }
        }
        else
        {
            var name = _known[Random.Next(_known.Count)];
            await AskAsync(Ask(Verb.Get, name), HttpMethod.Get, $"{Maps}/{name}");
        }
    }
}
