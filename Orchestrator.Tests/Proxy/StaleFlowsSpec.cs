using Orchestrator.Node.Network;
using Orchestrator.Node.Proxy;

namespace Orchestrator.Tests.Proxy;

public sealed class StaleFlowsSpec
{
    private static readonly RoutedEndpoint A = new("10.62.0.1", 5300, true, true, false);
    private static readonly RoutedEndpoint B = A with { Address = "10.62.0.2" };
    private readonly StaleFlows _flows = new();

    public StaleFlowsSpec() => _flows.Take();

    [Fact]
    public void What_was_there_before_is_not_stale()
    {
        var flows = new StaleFlows();
        flows.Note("s", [Route("UDP", A)]);
        Assert.Empty(flows.Take());
        flows.Note("s", [Route("UDP", B)]);
        Assert.Equal([DatagramFlow.ToPod(A.Address, A.Port)], flows.Take());
    }

    [Fact]
    public void The_first_endpoint_makes_stale_what_was_sent_before_there_was_one()
    {
        Assert.Empty(Noted("UDP"));
        Assert.Equal([DatagramFlow.ToAddress("10.96.0.9", 53), DatagramFlow.ToAddress("192.0.2.9", 53), DatagramFlow.ToPort(30053)], Noted("UDP", A));
        Assert.Empty(Noted("UDP", A, B));
    }

    [Fact]
    public void An_endpoint_that_is_left_makes_stale_what_went_to_it()
    {
        Noted("UDP", A, B);
        Assert.Empty(Noted("UDP", A, B with { IsReady = false, IsDraining = true })); // It still answers.
        Assert.Equal([DatagramFlow.ToPod(B.Address, B.Port)], Noted("UDP", A, B with { IsReady = false }));
        Assert.Equal([DatagramFlow.ToPod(A.Address, A.Port)], Noted("UDP"));
        Noted("UDP", A);
        _flows.Note("s", []);
        Assert.Equal([DatagramFlow.ToPod(A.Address, A.Port)], _flows.Take());
        Assert.Empty(_flows.Take());
    }

    [Fact]
    public void Streams_are_left_alone()
    {
        Assert.Empty(Noted("TCP", A, B));
        Assert.Empty(Noted("TCP", B));
    }

    private List<DatagramFlow> Noted(string protocol, params RoutedEndpoint[] endpoints)
    {
        _flows.Note("s", [Route(protocol, endpoints)]);
        return [.. _flows.Take().OrderBy(f => f.Address is null).ThenBy(f => f.Address, StringComparer.Ordinal)];
    }

    private static ServiceRoute Route(string protocol, params RoutedEndpoint[] endpoints) =>
        new("default", "s", "10.96.0.9", ["192.0.2.9"], [new RoutedPort(53, protocol, 30053, [.. endpoints])], false, false, null);
}
