using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Node.Ingress;

namespace Orchestrator.Tests.Ingress;

/// <summary>Which endpoint takes the next request.</summary>
public sealed class EndpointLoadsSpec
{
    private static readonly ImmutableHashSet<string> None = [];
    private readonly FakeTimeProvider _time = new();
    private readonly EndpointLoads _loads;

    public EndpointLoadsSpec() => _loads = new EndpointLoads(_time, new Random(7).Next);

    [Fact]
    public void Of_two_that_are_drawn_the_less_busy_one_takes_it()
    {
        using var first = _loads.Begin("a");
        using var second = _loads.Begin("a");
        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal("b", _loads.Choose(["a", "b"], None)));
        first.Dispose();
        second.Dispose();
        Assert.Equal(["a", "b"], Enumerable.Range(0, 20).Select(_ => _loads.Choose(["a", "b"], None)).Distinct().Order());
    }

    [Fact]
    public void All_of_many_get_their_share()
    {
        string[] all = [.. Enumerable.Range(0, 7).Select(i => $"{i}")];
        Assert.Equal(all, Enumerable.Range(0, 500).Select(_ => _loads.Choose(all, None)).Distinct().Order());
    }

    [Fact]
    public void One_that_was_not_reached_is_spared_for_a_while_unless_there_is_no_other()
    {
        _loads.Shun("a");
        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal("b", _loads.Choose(["a", "b"], None)));
        Assert.Equal("a", _loads.Choose(["a"], None));
        Assert.Equal("a", _loads.Choose(["a", "b"], None.Add("b")));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["a", "b"], Enumerable.Range(0, 20).Select(_ => _loads.Choose(["a", "b"], None)).Distinct().Order());
    }

    [Fact]
    public void Nobody_is_tried_twice()
    {
        Assert.Null(_loads.Choose([], None));
        Assert.Null(_loads.Choose(["a", "b"], None.Add("a").Add("b")));
        Assert.Equal("b", _loads.Choose(["a", "b"], None.Add("a")));
    }
}
