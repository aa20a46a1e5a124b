using k8s.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Node.ApiServer.Reads;

namespace Orchestrator.Tests.Api;

/// <summary>Numbers of seconds that nobody can mean, where objects and requests have them.</summary>
public sealed class SecondsSpec
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData(5, "2026-01-02T03:04:10Z")]
    [InlineData(-5, "2026-01-02T03:04:00Z")]
    [InlineData(long.MaxValue, "2094-01-20T06:18:12Z")]
    [InlineData(long.MinValue, "1957-12-14T23:49:58Z")]
    public void A_date_is_never_too_far(long seconds, string date) => Assert.Equal(date, KubeTime.Text(Seconds.After(Now, seconds)));

    [Theory]
    [InlineData(30, 30)]
    [InlineData(0, 0)]
    [InlineData(-1, 0)]
    [InlineData(long.MaxValue, 2147483)]
    public void A_wait_is_one_that_a_timer_can_have(long seconds, int waited)
    {
        Assert.Equal(TimeSpan.FromSeconds(waited), Seconds.Wait(seconds));
        using var bound = new CancellationTokenSource();
        bound.CancelAfter(Seconds.Wait(seconds) + TimeSpan.FromHours(1));
    }

    [Fact]
    public void A_toleration_may_be_for_ever()
    {
        var pod = new V1Pod { Spec = new V1PodSpec { Tolerations = [new V1Toleration { OperatorProperty = "Exists", TolerationSeconds = long.MaxValue }] } };
        Assert.Equal(TimeSpan.FromSeconds(int.MaxValue), NodeController.EvictionDelay(pod, [new V1Taint { Key = "k", Effect = "NoExecute" }], Now));
    }

    [Fact]
    public void Logs_since_ever_are_all() =>
        Assert.Equal(1957, LogHandler.Since(new QueryCollection(new Dictionary<string, StringValues> { ["sinceSeconds"] = $"{long.MaxValue}" }), Now)!.Value.Year);

    [Theory]
    [InlineData("10%", 10.0)]
    [InlineData("0.5%", 0.5)]
    [InlineData("-Infinity%", null)]
    [InlineData("NaN%", null)]
    [InlineData("-1%", null)]
    [InlineData("101%", null)]
    public void A_share_is_a_plain_number(string text, double? percent) => Assert.Equal(percent, EvictionAmount.Parse(text)?.Percent);
}
