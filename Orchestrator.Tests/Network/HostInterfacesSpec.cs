using System.Net;
using Orchestrator.Node.Network;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Network;

public sealed class HostInterfacesSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public void Addresses_of_IPv6_that_do_not_last_are_left_out() => Assert.Equal(["fd00::2"], HostInterfaces.LastingIPv6(
    [
        "fd000000000000000000000000000002 04 40 00 82     eth0",
        "fd000000000000000000000000000003 04 40 00 01     eth0",
        "fd0000000000000000000000000000e6 04 80 00 a2     eth0",
        "fe800000000000000000000000000002 04 40 20 80     eth0",
        "00000000000000000000000000000001 01 80 10 80       lo",
    ]).Select(a => a.ToString()));

    [RootFact]
    public async Task They_are_read_while_others_come_and_go()
    {
        var prefix = $"t{Guid.NewGuid():N}"[..7];
        var lines = string.Concat(Enumerable.Range(0, 8).Select(i => $"link add {prefix}{i} type veth peer name {prefix}{i}p\naddr add 198.51.100.{i}/32 dev {prefix}{i}\nlink set {prefix}{i} up\n"));
        var gone = string.Concat(Enumerable.Range(0, 8).Select(i => $"link del {prefix}{i}\n"));
        using var stop = new CancellationTokenSource(Bound);
        var churn = Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                await HostTool.RunAsync("ip", ["-batch", "-"], lines, stop.Token);
                await HostTool.RunAsync("ip", ["-batch", "-"], gone, stop.Token);
            }
        }, stop.Token);
        for (var reads = 0; !churn.IsCompleted || reads == 0; reads++)
        {
            Assert.Contains(HostInterfaces.Addresses(), a => a.Unicast.Address.Equals(IPAddress.Loopback));
        }

        await churn;
    }
}
