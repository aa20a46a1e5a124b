using Orchestrator.Node.Certificates;

namespace Orchestrator.Tests.Certificates;

public class CredentialsSpec
{
    private static readonly KeyPair Hosts = Authority.Create("hosts", DateTimeOffset.UnixEpoch);
    private static readonly KeyPair Api = Authority.Create("api", DateTimeOffset.UnixEpoch);
    private static readonly Credentials Control = new(Hosts, Api, "token");
    private static readonly Credentials Worker = new(Hosts, null, null);
    private static readonly Credentials Other = new(Authority.Create("hosts", DateTimeOffset.UnixEpoch), Api, "token");

    [Fact]
    public void Who_begins_a_cluster_makes_what_it_lacks() =>
        Assert.Equal((Credentials.None, null), Credentials.Resolve(Credentials.None, Credentials.None, isControl: true, mayBootstrap: true));

    [Fact]
    public void Who_joins_takes_what_its_role_needs()
    {
        Assert.Equal((Worker, null), Credentials.Resolve(Credentials.None, Control, isControl: false, mayBootstrap: false));
        Assert.Equal((Control, null), Credentials.Resolve(Credentials.None, Control, isControl: true, mayBootstrap: false));
        Assert.Equal((Control, null), Credentials.Resolve(Worker, Control, isControl: true, mayBootstrap: false));
    }

    [Fact]
    public void Later_nothing_is_needed() =>
        Assert.Equal((Worker, null), Credentials.Resolve(Worker, Credentials.None, isControl: false, mayBootstrap: false));

    [Fact]
    public void A_refusal_says_what_would_be_right()
    {
        Assert.Contains("needs --join with pki/worker.join", Credentials.Resolve(Credentials.None, Credentials.None, isControl: false, mayBootstrap: false).Error!, StringComparison.Ordinal);
        Assert.Contains("needs --join with pki/control.join", Credentials.Resolve(Worker, Credentials.None, isControl: true, mayBootstrap: false).Error!, StringComparison.Ordinal);
        Assert.Contains("a control host needs pki/control.join", Credentials.Resolve(Credentials.None, Worker, isControl: true, mayBootstrap: false).Error!, StringComparison.Ordinal);
        Assert.Contains("another cluster", Credentials.Resolve(Worker, Other, isControl: false, mayBootstrap: false).Error!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_join_file_says_the_same_when_it_is_read()
    {
        foreach (var credentials in (Credentials[])[Control, Worker])
        {
            var read = Credentials.Parse(credentials.ToText());
            Assert.Equal(credentials.ToText(), read.ToText());
            Assert.Equal(credentials.Cluster!.Fingerprint, read.Cluster!.Fingerprint);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("apiVersion: v1")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    public void What_is_no_join_file_is_refused(string text) => Assert.Throws<FormatException>(() => Credentials.Parse(text));
}
