using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.NetworkPolicies;

namespace Orchestrator.Tests.Policies;

/// <summary>The rows of <c>policies.yaml</c>, one after the other, by packets between all pods.</summary>
[Collection(nameof(PolicyWorlds))]
public sealed class PolicyTableSpec(PolicyWorld world)
{
    public static TheoryData<string> Rows => [.. PolicyCase.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Packets_get_through_where_the_policies_of_a_row_let_them(string row)
    {
        var policies = PolicyCase.All.Single(c => c.Name == row);
        var keys = new List<ObjectKey>();
        foreach (var policy in policies.Policies(world.AddressOf))
        {
            NetworkPolicyDefinition.Instance.Strategy.Default(policy);
            await world.ChangeAsync(() => world.Fed.CreateAsync(policy.ToJsonString()));
            keys.Add(NetworkPolicyDefinition.Instance.Key((string)policy["metadata"]!["namespace"]!, (string)policy["metadata"]!["name"]!));
        }

        var seen = await world.TryAllAsync(policies.IsAllowed);
        Assert.Equal([], seen.Where(s => s.Value != policies.IsAllowed(s.Key.From, s.Key.To, s.Key.Port)).Select(s => $"{s.Key.From} > {s.Key.To}:{s.Key.Port} {(s.Value ? "gets through" : "does not get through")}"));

        // Whoever asks the agent hears the same; of blocks of addresses it judges the address of the server of names.
        foreach (var (from, to, port) in seen.Keys.Where(k => k.To != "dns" || !policies.HasBlocks))
        {
            Assert.Equal((from, to, port, policies.IsAllowed(from, to, port)), (from, to, port, await world.IsSaidAsync(from, to, port)));
        }

        var changed = await world.Pods.TableAsync(world.Pods.Names.PolicyTable);
        await world.RestartAsync();
        Assert.Equal(changed, await world.Pods.TableAsync(world.Pods.Names.PolicyTable));
        foreach (var key in keys)
        {
            await world.ChangeAsync(() => world.Fed.DeleteAsync(key));
        }

        Assert.DoesNotContain("drop", await world.Pods.TableAsync(world.Pods.Names.PolicyTable), StringComparison.Ordinal);
    }
}
