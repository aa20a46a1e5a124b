using System.Text.Json.Nodes;
using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Workload;

/// <summary>Creates objects of its own, adds keys to them, moves them between groups and deletes them. No name is used twice, and every key is new,
/// so that a write of unknown outcome spoils no other, however late it is stored.</summary>
internal sealed class Writer(string name, FaultCluster cluster, History history, Random random) : Client(name, cluster, history, random)
{
    /// <summary>Values of the label "group".</summary>
    public static readonly IReadOnlyList<string> Groups = ["a", "b"];

    private const int Most = 30;
    private readonly List<string> _mine = [];
    private int _step;

    protected override async Task StepAsync()
    {
        _step++;
        var dice = Random.Next(100);
        if (_mine.Count < 3 || (dice < 30 && _mine.Count < Most))
        {
            await CreateAsync($"{Name}-{_step}");
        }
        else if (dice < 45)
        {
            await DeleteAsync(_mine[Random.Next(_mine.Count)]);
        }
        else
        {
            await ChangeAsync(_mine[Random.Next(_mine.Count)], $"k{_step}", moves: dice < 60);
        }
    }

    private async Task CreateAsync(string name)
    {
        var group = Groups[Random.Next(Groups.Count)];
        var (operation, _) = await AskAsync(Ask(Verb.Create, name) with { Group = group }, HttpMethod.Post, Maps,
            new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["group"] = group } } });
        if (operation.Outcome == Outcome.Acknowledged)
        {
            _mine.Add(name);
        }
    }

    private async Task ChangeAsync(string name, string key, bool moves)
    {
        var patch = new JsonObject { ["data"] = new JsonObject { [key] = Name } };
        var group = moves ? Groups[Random.Next(Groups.Count)] : null;
        if (group is not null)
        {
            patch["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["group"] = group } };
        }

        await AskAsync(Ask(Verb.Change, name) with { Key = key, Group = group }, HttpMethod.Patch, $"{Maps}/{name}", patch, "application/merge-patch+json");
    }

    private async Task DeleteAsync(string name)
    {
        var (operation, _) = await AskAsync(Ask(Verb.Delete, name), HttpMethod.Delete, $"{Maps}/{name}", new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions" });
        if (operation.Outcome != Outcome.Refused)
        {
            _mine.Remove(name);
        }
    }
}
