using System.Collections.Immutable;
using System.Globalization;
using CsCheck;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Workloads;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Kinds.Services;

/// <summary>Which zone each endpoint is for, where a service asks for hints by the CPU of zones.</summary>
public sealed class ZoneSharesSpec
{
    private const string Few = "so few endpoints are ready that one would be used by a fifth more than its share";
    private const string Unknown = "ready nodes must be in two zones at least, each with the label topology.kubernetes.io/zone and CPU in status.allocatable";

    // CPUs of zones; endpoints by their own zones, small letters for those that are not ready; how many each zone has then, and how many are for another zone than their own.
    [Theory]
    [InlineData("A1 B1", "AABB", "A2 B2, 0 moved")]
    [InlineData("A1 B1", "AAAB", "A2 B2, 1 moved")]
    [InlineData("A1 B1", "AAAA", "A2 B2, 2 moved")]
    [InlineData("A1 B1", "AABBbba", "A2 B2, 0 moved")]
    [InlineData("A1 B1", "AAABBX", "A3 B3, 1 moved")]
    [InlineData("A1 B1", "AB", "A1 B1, 0 moved")]
    [InlineData("A5 B5", "AAAABBBBB", "A4 B5, 0 moved")]
    [InlineData("A3 B1", "AABB", "A3 B1, 1 moved")]
    [InlineData("A3 B1", "ABBBBBBB", "A5 B3, 4 moved")]
    [InlineData("A1 B1 C1", "AAAACC", "A2 B2 C2, 2 moved")]
    [InlineData("A1 B1", "A", "there must be an endpoint that is ready for each of 2 zones")]
    [InlineData("A1 B1", "Ab", "there must be an endpoint that is ready for each of 2 zones")]
    [InlineData("A1 B1", "AAB", Few)]
    [InlineData("A9 B1", "AB", Few)]
    [InlineData("A1 B1", "AABB-", "an endpoint is on a node without the label topology.kubernetes.io/zone")]
    [InlineData("", "AABB", Unknown)]
    public void Each_zone_has_about_its_share_and_most_endpoints_stay_with_their_own(string zones, string endpoints, string expected)
    {
        var shares = Shares(zones.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(z => (z[..1], z[1] - '0')));
        var all = endpoints.Select((e, i) => Endpoint(i, e == '-' ? null : $"{char.ToUpperInvariant(e)}", !char.IsAsciiLetterLower(e))).ToList();
        var hinted = ZoneShares.Hint(all, shares, out var obstacle);
        Assert.Equal(all, hinted.Select(e => e with { ForZone = null }));
        var counts = hinted.Where(e => e.ForZone is not null).GroupBy(e => e.ForZone).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Key}{g.Count()}"));
        Assert.Equal(expected, obstacle ?? string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', counts)}, {hinted.Count(e => e.ForZone is not null && e.ForZone != e.Zone)} moved"));
    }

    [Fact]
    public void Every_endpoint_that_is_ready_has_one_zone_and_none_is_used_by_a_fifth_more_than_its_share() =>
        Gen.Select(Gen.Int[1, 16].Array[2, 5], Gen.Select(Gen.Int[0, 5], Gen.Bool).Array[0, 60]).Sample((cpus, pods) =>
        {
            var shares = Shares(cpus.Select((c, i) => ($"{(char)('A' + i)}", c)));
            var all = pods.Select((p, i) => Endpoint(i, $"{(char)('A' + p.Item1)}", p.Item2)).ToList();
            var hinted = ZoneShares.Hint(all, shares, out var obstacle);
            if (obstacle is not null)
            {
                return hinted.All(e => e.ForZone is null);
            }

            // Whoever keeps what he is told is told the same again.
            var ready = hinted.Count(e => e.IsReady);
            return hinted.All(e => e.IsReady == e.ForZone is not null)
                && shares.All(s => hinted.Count(e => e.ForZone == s.Key) is > 0 and var own && s.Value * ready / own <= 1.2 + 1e-9)
                && ZoneShares.Hint(all, shares, out _).SequenceEqual(hinted);
        });

    [Theory]
    [InlineData("""a:z1:4 b:z2:2""", "z1=0.67 z2=0.33")]
    [InlineData("""a:z1:4 b:z2:2 c:z2:2""", "z1=0.50 z2=0.50")]
    [InlineData("""a:z1:4 b:z2:2 c:z2:8:away""", "z1=0.67 z2=0.33")]
    [InlineData("""a:z1:4 b:z2:2 c:z2:8:control""", "z1=0.67 z2=0.33")]
    [InlineData("""a:z1:4 b:z1:2""", "")]
    [InlineData("""a:z1:4 b:z2:2 c::8""", "")]
    [InlineData("""a:z1:4 b:z2:0""", "")]
    [InlineData("", "")]
    public async Task Shares_are_of_the_CPU_of_nodes_that_are_ready_and_for_pods(string nodes, string expected)
    {
        await using var cache = await FedCache.StartAsync();
        foreach (var node in nodes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(n => n.Split(':')))
        {
            await cache.CreateAsync($$$"""
                {"apiVersion":"v1","kind":"Node","metadata":{"name":"{{{node[0]}}}","uid":"{{{node[0]}}}","labels":{
                 {{{(node[1].Length > 0 ? $"\"topology.kubernetes.io/zone\":\"{node[1]}\"," : "")}}}{{{(node.Contains("control") ? "\"node-role.kubernetes.io/control-plane\":\"\"," : "")}}}"n":"{{{node[0]}}}"}},
                 "status":{"allocatable":{"cpu":"{{{node[2]}}}"},"conditions":[{"type":"Ready","status":"{{{(node.Contains("away") ? "Unknown" : "True")}}}"}]}}
                """);
        }

        Assert.Equal(expected, string.Join(' ', ZoneShares.Of(cache.Cache).Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Key}={s.Value:0.00}"))));
    }

    private static ImmutableSortedDictionary<string, double> Shares(IEnumerable<(string Zone, int Cpu)> zones)
    {
        var all = zones.ToList();
        return all.ToImmutableSortedDictionary(z => z.Zone, z => (double)z.Cpu / all.Sum(a => a.Cpu), StringComparer.Ordinal);
    }

    private static ServiceEndpoint Endpoint(int i, string? zone, bool isReady) => new(string.Create(CultureInfo.InvariantCulture, $"10.244.0.{i + 1}"), []) { IsReady = isReady, Zone = zone };
}
