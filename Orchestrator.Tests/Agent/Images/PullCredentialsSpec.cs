using System.Text;
using k8s.Models;
using Orchestrator.Node.Agent.Images;

namespace Orchestrator.Tests.Agent.Images;

/// <summary>Which logins of imagePullSecrets are for the registry of an image.</summary>
public sealed class PullCredentialsSpec
{
    [Theory]
    [InlineData("registry.example.com", "registry.example.com/app:1", true)]
    [InlineData("https://registry.example.com/v1/", "registry.example.com/app:1", true)]
    [InlineData("registry.example.com:5000", "registry.example.com:5000/app:1", true)]
    [InlineData("registry.example.com", "registry.example.com:5000/app:1", false)]
    [InlineData("registry.example.com:5000", "registry.example.com/app:1", false)]
    [InlineData("example.com", "registry.example.com/app:1", false)]
    [InlineData("evil-registry.example.com", "registry.example.com/app:1", false)]
    [InlineData("registry.example.com", "registry.example.com.evil.org/app:1", false)]
    [InlineData("*.example.com", "registry.example.com/app:1", true)]
    [InlineData("*.example.com", "a.registry.example.com/app:1", false)]
    [InlineData("r*y.example.com", "registry.example.com/app:1", true)]
    [InlineData("*", "registry.example.com/app:1", false)]
    [InlineData("registry.example.com/team", "registry.example.com/team/app:1", true)]
    [InlineData("registry.example.com/team", "registry.example.com/team:1", true)]
    [InlineData("registry.example.com/team", "registry.example.com/teams/app:1", false)]
    [InlineData("registry.example.com/team", "registry.example.com/app:1", false)]
    [InlineData("https://index.docker.io/v1/", "busybox:1", true)]
    [InlineData("docker.io", "team/app", true)]
    [InlineData("index.docker.io", "docker.io/team/app", true)]
    [InlineData("docker.io", "localhost/app", false)]
    [InlineData("localhost:5000", "localhost:5000/app", true)]
    public void A_login_is_for_its_registry_only(string server, string image, bool isFor) =>
        Assert.Equal(isFor, PullCredentials.For(image, [Config($$"""{"auths":{"{{server}}":{"username":"u","password":"p"} } }""")]).Length == 1);

    [Theory]
    [InlineData("""{"auths":{"r.example":{"username":"u","password":"p"}}}""", "kubernetes.io/dockerconfigjson", ".dockerconfigjson", "u/p")]
    [InlineData("""{"auths":{"r.example":{"auth":"dTpwOnE="}}}""", "kubernetes.io/dockerconfigjson", ".dockerconfigjson", "u/p:q")]
    [InlineData("""{"r.example":{"username":"u","password":"p"}}""", "kubernetes.io/dockercfg", ".dockercfg", "u/p")]
    [InlineData("""{"r.example":{"username":"u","password":"p"}}""", "kubernetes.io/dockerconfigjson", ".dockerconfigjson", "")]
    [InlineData("""{"auths":{"r.example":{"username":"u","password":"p"}}}""", "Opaque", ".dockerconfigjson", "")]
    [InlineData("""{"auths":{"r.example":{"auth":"no base 64"}}}""", "kubernetes.io/dockerconfigjson", ".dockerconfigjson", "")]
    [InlineData("""{"auths":{"r.example":{"auth":"dQ=="}}}""", "kubernetes.io/dockerconfigjson", ".dockerconfigjson", "")]
    [InlineData("""{"auths":{"r.example":5}}""", "kubernetes.io/dockerconfigjson", ".dockerconfigjson", "")]
    [InlineData("""{"auths":[]}""", "kubernetes.io/dockerconfigjson", ".dockerconfigjson", "")]
    [InlineData("not JSON", "kubernetes.io/dockerconfigjson", ".dockerconfigjson", "")]
    public void Both_forms_of_secrets_are_read(string config, string type, string key, string logins) =>
        Assert.Equal(logins, string.Join(' ', PullCredentials.For("r.example/app", [Secret(config, type, key)]).Select(l => $"{l.User}/{l.Password}")));

    [Fact]
    public void The_closest_login_comes_first_and_none_twice()
    {
        var far = Config("""{"auths":{"r.example":{"username":"far","password":"p"}}}""");
        var near = Config("""{"auths":{"r.example/team":{"username":"near","password":"p"}}}""");
        Assert.Equal(["near", "far"], PullCredentials.For("r.example/team/app", [far, near, far]).Select(l => l.User));
    }

    [Fact]
    public void A_password_is_not_in_the_text_of_a_login() => Assert.DoesNotContain("secret-word", new RegistryLogin("r.example", "u", "secret-word").ToString(), StringComparison.Ordinal);

    private static V1Secret Config(string config) => Secret(config, "kubernetes.io/dockerconfigjson", ".dockerconfigjson");

    private static V1Secret Secret(string config, string type, string key) => new() { Type = type, Data = new Dictionary<string, byte[]> { [key] = Encoding.UTF8.GetBytes(config) } };
}
