using Orchestrator.Cli;
using Orchestrator.Cli.Client;

namespace Orchestrator.Tests.Cli;

/// <summary>Where orc finds its server and its user.</summary>
public class KubeconfigSpec
{
    private const string Config = """
        apiVersion: v1
        kind: Config
        clusters:
        - name: one
          cluster: {server: "https://127.0.0.1:6443", certificate-authority-data: Q0E=}
        - name: two
          cluster: {server: "https://two:6443", certificate-authority: pki/ca.crt, insecure-skip-tls-verify: true}
        users:
        - name: admin
          user: {client-certificate-data: Q0VSVA==, client-key-data: S0VZ}
        - name: robot
          user: {token: secret}
        contexts:
        - name: first
          context: {cluster: one, user: admin}
        - name: second
          context: {cluster: two, user: robot, namespace: shop}
        current-context: first
        """;

    [Fact]
    public void The_current_context_is_read_with_its_data()
    {
        var connection = Read(null);
        Assert.Equal((new Uri("https://127.0.0.1:6443"), "CA", "CERT", "KEY", null, false),
            (connection.Server, connection.Authority, connection.Certificate, connection.Key, connection.Token, connection.IsInsecure));
    }

    [Fact]
    public void Another_context_may_be_chosen_and_its_files_are_relative_to_the_kubeconfig()
    {
        var connection = Read("second");
        Assert.Equal(("text of /home/me/pki/ca.crt", "secret", "shop", true), (connection.Authority, connection.Token, connection.Namespace, connection.IsInsecure));
    }

    [Fact]
    public void An_unknown_context_names_the_known_ones() =>
        Assert.Equal("/home/me/config has no context third: choose one of first, second with --context.", Assert.Throws<CliException>(() => Read("third")).Message);

    [Fact]
    public void Several_files_are_one_and_the_first_wins()
    {
        var connection = Kubeconfig.Read([("/a", "current-context: second"), ("/home/me/config", Config)], null, p => p);
        Assert.Equal("https://two:6443/", connection.Server.ToString());
    }

    [Theory]
    [InlineData("/given", "/env", new[] { "/given", "/env" }, "/given")]
    [InlineData(null, "/gone:/env", new[] { "/env", "/home/me/.kube/config" }, "/env")]
    [InlineData(null, null, new[] { "/home/me/.kube/config" }, "/home/me/.kube/config")]
    public void The_option_comes_before_the_variable_before_the_usual_places(string? option, string? variable, string[] there, string found) =>
        Assert.Equal([found], Kubeconfig.Files(option, Environment(variable), there.Contains));

    [Fact]
    public void The_local_clusters_comes_before_the_home_directorys()
    {
        var local = Path.Combine(Orchestrator.Cli.Hosting.DataDirectory.Default(n => n == "HOME" ? "/home/me" : null), "admin.kubeconfig");
        Assert.Equal([local], Kubeconfig.Files(null, Environment(null), new[] { local, "/home/me/.kube/config" }.Contains));
    }

    [Theory]
    [InlineData("/given", null)]
    [InlineData(null, "/env")]
    [InlineData(null, null)]
    public void Where_there_is_none_orc_says_how_to_get_one(string? option, string? variable) =>
        Assert.Contains("'orc up'", Assert.Throws<CliException>(() => Kubeconfig.Files(option, Environment(variable), _ => false)).Message, StringComparison.Ordinal);

    private static Func<string, string?> Environment(string? kubeconfig) => name => name switch { "HOME" => "/home/me", "KUBECONFIG" => kubeconfig, _ => null };

    private static Connection Read(string? context) => Kubeconfig.Read([("/home/me/config", Config)], context, p => $"text of {p}");
}
