using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Streams;

namespace Orchestrator.Tests.ApiServer.Streams;

public sealed class ProxyTargetSpec
{
    private const string Pod = "/api/v1/namespaces/a/pods/web:80/proxy";

    [Theory]
    [InlineData("web", "http", "web", null)]
    [InlineData("web:8080", "http", "web", 8080)]
    [InlineData("https:web:8443", "https", "web", 8443)]
    [InlineData(":web:80", "http", "web", 80)]
    [InlineData("https:web:", "https", "web", null)]
    public void A_name_says_scheme_and_port(string name, string scheme, string pod, int? port)
    {
        var target = ProxyTarget.Of(name);
        Assert.Equal((scheme, pod, port), (target.Scheme, target.Name, target.Number));
    }

    [Fact]
    public void A_port_may_have_a_name_where_that_means_something() => Assert.Equal(new ProxyTarget("https", "web", "metrics"), ProxyTarget.Of("https:web:metrics"));

    [Theory]
    [InlineData("web:0")]
    [InlineData("web:65536")]
    [InlineData("web:-1")]
    [InlineData("web:http")]
    [InlineData("ftp:web:80")]
    [InlineData(":80")]
    [InlineData("a:b:c:d")]
    public void Anything_else_is_refused(string name) => Assert.Throws<ApiException>(() => ProxyTarget.Of(name).Number);

    [Theory]
    [InlineData("/api/v1/namespaces/a/pods/proxy-1:80/proxy/x/proxy", "/api/v1/namespaces/a/pods/proxy-1:80/proxy")]
    [InlineData("/api/v1/namespaces/proxy/pods/proxy/proxy/", "/api/v1/namespaces/proxy/pods/proxy/proxy")]
    public void What_stands_before_it_ends_with_the_word(string route, string prefix) => Assert.Equal(prefix, ProxyTarget.Prefix(route));

    [Theory]
    [InlineData(Pod, "")]
    [InlineData(Pod + "/", "/")]
    [InlineData(Pod + "?x=1", "?x=1")]
    [InlineData(Pod + "/a%2Fb//c?x=%20", "/a%2Fb//c?x=%20")]
    [InlineData(Pod + "/proxy/proxy", "/proxy/proxy")]
    public void What_follows_is_passed_on_as_it_was_written(string target, string rest) => Assert.Equal(rest, ProxyTarget.Rest(target));
}
