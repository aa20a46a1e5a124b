using CsCheck;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Node.Ingress;

namespace Orchestrator.Tests.Ingress;

/// <summary>Which rule a request matches. The rows are those of the Kubernetes documentation, "Ingress", path types and hostname wildcards.</summary>
public sealed class RoutingTableSpec
{
    [Theory]
    [InlineData("Prefix /", "/any/path", true)]
    [InlineData("Exact /foo", "/foo", true)]
    [InlineData("Exact /foo", "/bar", false)]
    [InlineData("Exact /foo", "/foo/", false)]
    [InlineData("Exact /foo/", "/foo", false)]
    [InlineData("Prefix /foo", "/foo", true)]
    [InlineData("Prefix /foo", "/foo/", true)]
    [InlineData("Prefix /foo/", "/foo", true)]
    [InlineData("Prefix /foo/", "/foo/", true)]
    [InlineData("Prefix /aaa/bb", "/aaa/bbb", false)]
    [InlineData("Prefix /aaa/bbb", "/aaa/bbb", true)]
    [InlineData("Prefix /aaa/bbb/", "/aaa/bbb", true)]
    [InlineData("Prefix /aaa/bbb", "/aaa/bbb/", true)]
    [InlineData("Prefix /aaa/bbb", "/aaa/bbb/ccc", true)]
    [InlineData("Prefix /aaa/bbb", "/aaa/bbbxyz", false)]
    [InlineData("Prefix /foo", "/FOO", false)]
    [InlineData("ImplementationSpecific ", "/any", true)]
    public void A_path_matches(string rule, string path, bool matches) => Assert.Equal(matches, Table(Rule("", rule)).Find("a.com", path) is not null);

    [Theory]
    [InlineData("/aaa", "Prefix /aaa")]
    [InlineData("/aaa/ccc", "Prefix /aaa")]
    [InlineData("/aaa/bbb", "Exact /aaa/bbb")]
    [InlineData("/aaa/bbb/", "Prefix /aaa/bbb")]
    [InlineData("/aaa/bbb/c", "Prefix /aaa/bbb")]
    [InlineData("/ccc", "Prefix /")]
    public void The_longest_path_counts_and_the_exact_one_before_a_prefix(string path, string rule) =>
        Assert.Equal(rule, Table(Rule("", "Prefix /"), Rule("", "Prefix /aaa"), Rule("", "Prefix /aaa/bbb"), Rule("", "Exact /aaa/bbb")).Find("a.com", path)!.Ingress);

    [Theory]
    [InlineData("*.foo.com", "bar.foo.com", true)]
    [InlineData("*.foo.com", "baz.bar.foo.com", false)]
    [InlineData("*.foo.com", "foo.com", false)]
    [InlineData("foo.com", "foo.com", true)]
    [InlineData("foo.com", "FOO.com", true)]
    [InlineData("foo.com", "foo.com.", true)]
    [InlineData("foo.com", "bar.com", false)]
    [InlineData("", "bar.com", true)]
    public void A_host_matches(string pattern, string host, bool matches) => Assert.Equal(matches, Table(Rule(pattern, "Prefix /")).Find(host, "/") is not null);

    [Fact]
    public void A_host_by_name_counts_before_a_domain_and_that_before_any()
    {
        var table = Table(Rule("", "Prefix /any"), Rule("*.foo.com", "Prefix /domain"), Rule("a.foo.com", "Prefix /host"));
        foreach (var (host, path, rule) in new[] { ("a.foo.com", "/host", "Prefix /host"), ("a.foo.com", "/domain", null), ("b.foo.com", "/domain", "Prefix /domain"), ("b.com", "/any", "Prefix /any") })
        {
            Assert.Equal(rule, table.Find(host, path)?.Ingress);
        }
    }

    [Fact]
    public void Of_two_rules_for_the_same_the_first_counts()
    {
        var (first, second) = (Rule("a.com", "Prefix /x"), Rule("a.com", "Prefix /x/"));
        Assert.Same(first.Route, Table(first, second).Find("a.com", "/x"));
    }

    [Fact]
    public void Default_backends_take_what_no_rule_of_their_host_matches_and_then_everything_else()
    {
        var table = new RoutingTable([Rule("a.com", "Prefix /x"), Rule("b.com", "Prefix /x")], [("a.com", Route("of a")), ("", Route("first")), ("", Route("second"))]);
        foreach (var (host, path, rule) in new[] { ("a.com", "/x", "Prefix /x"), ("a.com", "/y", "of a"), ("b.com", "/y", "first"), ("c.com", "/", "first") })
        {
            Assert.Equal(rule, table.Find(host, path)?.Ingress);
        }
    }

    [Fact]
    public void A_table_finds_what_a_look_at_each_rule_finds()
    {
        var element = Gen.OneOf("", "/", "/a", "/b", "/a/", "/a/b", "/b/a", "/a/b/", "/a/b/c", "/ab", "/a//b");
        var host = Gen.OneOf("", "x.com", "*.x.com", "a.x.com", "b.a.x.com", "*.com");
        var rule = Gen.Select(host, element, Gen.Bool, (h, p, exact) => new RouteRule(h, p, exact && p.Length > 0, Route($"{h} {p} {exact}")));
        Gen.Select(rule.Array[0, 12], Gen.OneOf("x.com", "a.x.com", "b.a.x.com", "y.com", "com"), Gen.OneOf("/", "/a", "/a/", "/a/b", "/a/b/", "/a/b/c", "/a/bc", "/ab", "/b/a/c", "/a//b", "//"))
            .Sample((rules, asked, path) => Assert.Same(Naive(rules, asked, path), new RoutingTable(rules, []).Find(asked, path)));
    }

    [Fact]
    public void A_path_of_many_elements_costs_its_length_and_no_more()
    {
        var (table, path) = (new RoutingTable([Rule("a.com", "Prefix /x/y"), Rule("a.com", "Exact /z")], []), new string('/', 32_000));
        table.Find("a.com", path);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(table.Find("a.com", path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
        Assert.Equal("Prefix /x/y", table.Find("a.com", $"/x/y{path}")?.Ingress);
    }

    // As the documentation says it: the closest host that has rules, then the longest of the paths that match element by element, the exact one first, the older one first.
    private static IngressRoute? Naive(RouteRule[] rules, string host, string path)
    {
        int Closeness(string pattern) => pattern == host ? 3 : pattern.StartsWith("*.", StringComparison.Ordinal) && host.Split('.', 2) is [_, var domain] && domain == pattern[2..] ? 2 : pattern.Length == 0 ? 1 : 0;
        var closest = rules.Select(r => Closeness(r.Host)).DefaultIfEmpty(0).Max();
        bool Matches(RouteRule r) => r.IsExact ? r.Path == path : Elements(path).Take(Elements(r.Path).Length).SequenceEqual(Elements(r.Path));
        return closest == 0 ? null : rules.Where(r => Closeness(r.Host) == closest && Matches(r)).OrderByDescending(r => r.IsExact).ThenByDescending(r => Elements(r.Path).Length).FirstOrDefault()?.Route;
    }

    private static string[] Elements(string path) => path.TrimEnd('/') is { Length: > 0 } text ? text.Split('/') is ["", .. var rest] ? rest : [] : [];

    private static RoutingTable Table(params RouteRule[] rules) => new(rules, []);

    private static RouteRule Rule(string host, string rule) => new(host, rule.Split(' ')[1], rule.StartsWith("Exact", StringComparison.Ordinal), Route(rule));

    private static IngressRoute Route(string name) => new(name, null, IngressSettings.Usual, new HostMap<string>());
}
