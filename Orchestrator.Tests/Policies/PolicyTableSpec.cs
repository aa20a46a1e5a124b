using System.Net.Sockets;
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
        if (policies.HasBlocks)
        {
            await TryAsync(policies, AddressFamily.InterNetwork);
            await TryAsync(policies, AddressFamily.InterNetworkV6);
        }
        else
        {
            await TryAsync(policies, AddressFamily.InterNetwork, AddressFamily.InterNetworkV6);
        }
    }

    private async Task TryAsync(PolicyCase policies, params AddressFamily[] families)
    {
        var keys = new List<ObjectKey>();
        foreach (var policy in policies.Policies(pod => world.AddressOf(pod, families[0]), families[0] == AddressFamily.InterNetworkV6))
        {
            NetworkPolicyDefinition.Instance.Strategy.Default(policy);
            await world.ChangeAsync(() => world.Fed.CreateAsync(policy.ToJsonString()));
            keys.Add(NetworkPolicyDefinition.Instance.Key((string)policy["metadata"]!["namespace"]!, (string)policy["metadata"]!["name"]!));
        }

        foreach (var (family, seen) in await Task.WhenAll(families.Select(async f => (f, await world.TryAllAsync(policies.IsAllowed, f)))))
        {
            Assert.Equal([], seen.Where(s => s.Value != policies.IsAllowed(s.Key.From, s.Key.To, s.Key.Port)).Select(s => $"{family}: {s.Key.From} > {s.Key.To}:{s.Key.Port} {(s.Value ? "gets through" : "does not get through")}"));

            // Whoever asks the agent hears the same; of blocks of addresses it judges the address of the server of names.
            foreach (var (from, to, port) in seen.Keys.Where(k => k.To != "dns" || !policies.HasBlocks))
            {
                Assert.Equal((family, from, to, port, policies.IsAllowed(from, to, port)), (family, from, to, port, await world.IsSaidAsync(from, to, port, family)));
            }
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
