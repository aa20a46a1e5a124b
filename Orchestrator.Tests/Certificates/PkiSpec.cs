using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Node.Certificates;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Certificates;

public sealed class PkiSpec : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private static readonly IPEndPoint Everywhere = new(IPAddress.Any, 6443);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_second_control_host_takes_the_admin_of_the_first()
    {
        using var first = Open("first", null);
        using var second = Open("second", Path.Combine(first.Folder, "control.join"));
        using var admin = first.Api!.Issue("O=system:masters, CN=kubernetes-admin", Usage.Client, null, Now, Now.AddYears(1)).Load();
        Assert.True(second.Api!.Signed(admin, Usage.Client));
        Assert.Equal(first.AdminToken, second.AdminToken);
    }

    [Fact]
    public void A_worker_has_the_hosts_authority_and_nothing_of_the_admin()
    {
        using var control = Open("control", null);
        using var worker = Open("worker", Path.Combine(control.Folder, "worker.join"), isControl: false);
        Assert.Equal(control.Cluster.Pair.Fingerprint, worker.Cluster.Pair.Fingerprint);
        Assert.Equal(["cluster-ca.crt", "cluster-ca.key"], Directory.EnumerateFiles(worker.Folder).Select(Path.GetFileName).Order());
        Directory.Delete(control.Folder, recursive: true);
        using var later = Open("worker", Path.Combine(control.Folder, "worker.join"), isControl: false);
        Assert.Equal(worker.Cluster.Pair, later.Cluster.Pair);
    }

    [Fact]
    public void What_cannot_be_is_refused_before_anything_is_written()
    {
        Assert.StartsWith("join: there is no file /no/such", Pki.Validate(_folder.File("a"), "/no/such", isControl: false, mayBootstrap: false), StringComparison.Ordinal);
        var path = _folder.File("letter");
        File.WriteAllText(path, "Dear cluster");
        Assert.StartsWith($"join: {path}: not a join file", Pki.Validate(_folder.File("a"), path, isControl: true, mayBootstrap: false), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("a")));
    }

    [Theory]
    [InlineData(-2, "is valid from")]
    [InlineData(11 * 366, "ended at")]
    public void A_clock_outside_the_days_of_an_authority_is_named_in_a_sentence(int days, string sentence)
    {
        Open("data", null).Dispose();
        var (pki, error) = Pki.Open(_folder.File("data"), null, isControl: true, mayBootstrap: true, Now.AddDays(days));
        Assert.Null(pki);
        Assert.StartsWith($"the clock of this host shows {Now.AddDays(days).UtcDateTime:u}, but the certificate authority pki/cluster-ca.crt {sentence} ", error, StringComparison.Ordinal);

        // While a host runs, its clock may jump: the certificates that it has stay.
        using var opened = Open("data", null);
        var certificates = new ApiCertificates(opened, Everywhere, _folder.File("kubeconfig"), Now);
        var server = certificates.Server;
        var time = new FakeTimeProvider(Now.AddDays(days)) { AutoAdvanceAmount = TimeSpan.Zero };
        using var renewal = new CertificateRenewal(opened.Api!, certificates, time, NullLogger.Instance);
        Assert.Equal(server, certificates.Server);
    }

    [Fact]
    public void All_of_it_is_its_owners_alone()
    {
        using var pki = Open("data", null);
        _ = new ApiCertificates(pki, Everywhere, _folder.File("kubeconfig"), Now);
        Assert.All(Directory.EnumerateFiles(pki.Folder).Append(_folder.File("kubeconfig")), f => Assert.Equal(SecretFile.Mode, File.GetUnixFileMode(f)));
    }

    [Fact]
    public void The_server_and_the_admin_are_renewed_while_the_host_runs()
    {
        using var pki = Open("data", null);
        var kubeconfig = _folder.File("kubeconfig");
        var time = new FakeTimeProvider(Now);
        var certificates = new ApiCertificates(pki, Everywhere, kubeconfig, Now);
        using var renewal = new CertificateRenewal(pki.Api!, certificates, time, NullLogger.Instance);
        var (server, admin) = (certificates.Server, File.ReadAllText(kubeconfig));
        Assert.Contains("server: https://127.0.0.1:6443\n", admin, StringComparison.Ordinal);

        time.Advance(TimeSpan.FromDays(200));
        Assert.Equal((server, admin), (certificates.Server, File.ReadAllText(kubeconfig)));

        time.Advance(TimeSpan.FromDays(45));
        Assert.NotEqual(server.Thumbprint, certificates.Server.Thumbprint);
        Assert.True(certificates.Server.NotAfter > Now.AddDays(365 + 240));
        Assert.NotEqual(admin, File.ReadAllText(kubeconfig));
        Assert.Equal(SecretFile.Mode, File.GetUnixFileMode(kubeconfig));
    }

    private Pki Open(string name, string? join, bool isControl = true)
    {
        var (pki, error) = Pki.Open(_folder.File(name), join, isControl, mayBootstrap: isControl && join is null, Now);
        Assert.Null(error);
        return pki!;
    }
}
