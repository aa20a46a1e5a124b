using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Node.Certificates;

namespace Orchestrator.Tests.Certificates;

public class AuthoritySpec
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private static readonly Authority Ours = new(Authority.Create("same name", Now));
    private static readonly Authority Others = new(Authority.Create("same name", Now));

    [Fact]
    public void It_knows_its_own_by_the_signature_and_not_by_the_name()
    {
        Assert.True(Ours.Signed(Issue(Ours, Now), Usage.Server | Usage.Client));
        Assert.False(Ours.Signed(Issue(Others, Now), Usage.Client));
        using var self = Others.Pair.Load();
        Assert.False(Ours.Signed(self, Usage.Client));
    }

    [Theory]
    [InlineData(Usage.Server, Usage.Client, false)]
    [InlineData(Usage.Client, Usage.Server, false)]
    [InlineData(Usage.Client, Usage.Server | Usage.Client, false)]
    [InlineData(Usage.Server | Usage.Client, Usage.Client, true)]
    internal void A_certificate_is_good_for_what_it_was_issued_for(Usage issued, Usage asked, bool isGood)
    {
        using var certificate = Ours.Issue("CN=x", issued, null, Now, Now.AddDays(1)).Load();
        Assert.Equal(isGood, Ours.Signed(certificate, asked));
    }

    [Fact]
    public void What_has_ended_is_not_in_force()
    {
        using var old = new Authority(Authority.Create("old", Now.AddYears(-5)));
        Assert.True(old.Signed(Issue(old, Now.AddDays(-300)), Usage.Client));
        Assert.False(old.Signed(Issue(old, Now.AddYears(-2)), Usage.Client));
    }

    [Fact]
    public void Nothing_outlives_it_and_nothing_is_older()
    {
        using var late = Ours.Issue("CN=late", Usage.Server, null, Now.AddYears(9).AddDays(300), DateTimeOffset.MaxValue).Load();
        Assert.Equal(Ours.Ends, late.NotAfter);
        using var early = Ours.Issue("CN=early", Usage.Server, null, Now.AddMinutes(-30), Now.AddDays(1)).Load();
        Assert.True(Ours.Signed(early, Usage.Server));
    }

    [Fact]
    public void A_host_without_a_certificate_or_with_anothers_is_none()
    {
        var tls = new ClusterTls(Ours, seeds: 2, NullLogger.Instance);
        Assert.True(tls.IsHost(Issue(Ours, Now), "akka.ssl.tcp://a:1"));
        Assert.False(tls.IsHost(null, "127.0.0.1:7"));
        Assert.False(tls.IsHost(Issue(Others, Now), "ssl.tcp://a:1"));
        Assert.False(tls.IsHost(Issue(Others, Now), "ssl.tcp://a:1"));
        Assert.False(tls.Rejected.IsCompleted);
        Assert.False(tls.IsHost(Issue(Others, Now), "ssl.tcp://b:1"));
        Assert.True(tls.Rejected.IsCompleted);
    }

    [Theory]
    [InlineData(365, 100, false)]
    [InlineData(365, 243, false)]
    [InlineData(365, 244, true)]
    [InlineData(365, 400, true)]
    public void It_is_renewed_with_a_third_of_its_life_left(int life, int day, bool isDue) =>
        Assert.Equal(isDue, Renewal.IsDue(Now, Now.AddDays(life), Now.AddDays(day)));

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.1:6443", true)]
    [InlineData("::", "[::1]:6443", true)]
    [InlineData("10.1.2.3", "10.1.2.3:6443", false)]
    public void A_server_that_listens_everywhere_goes_by_all_addresses_of_the_host(string listen, string reached, bool isEverywhere)
    {
        var names = ServerNames.Of(IPAddress.Parse(listen), "machine", [IPAddress.Parse("192.0.2.7")]);
        Assert.Equal(reached, ServerNames.Reached(new IPEndPoint(IPAddress.Parse(listen), 6443)).ToString());
        Assert.Contains(IPAddress.Loopback, names.Addresses);
        Assert.Equal(isEverywhere, names.Addresses.Contains(IPAddress.Parse("192.0.2.7")));
        Assert.Equal(!isEverywhere, names.Addresses.Contains(IPAddress.Parse(listen)));
        Assert.Contains("machine", names.Dns);
    }

    private static X509Certificate2 Issue(Authority authority, DateTimeOffset at) =>
        authority.Issue("CN=host", Usage.Server | Usage.Client, null, at, at.AddYears(1)).Load();
}
