using Orchestrator.Node.ApiServer.Streams;

namespace Orchestrator.Tests.ApiServer.Streams;

public sealed class PageLinksSpec
{
    [Theory]
    [InlineData("""<a href="/x">/x</a>""", """<a href="/P/x">/x</a>""")]
    [InlineData("<IMG SRC='/a b'><form method=post action=/go>", "<IMG SRC='/P/a b'><form method=post action=/P/go>")]
    [InlineData("<a\n  title=\"a > b\" href = \"/\">", "<a\n  title=\"a > b\" href = \"/P/\">")]
    [InlineData("""<a href="x"><a href="//cdn/x"><a href="https://e/x"><a href="#/x">""", null)]
    [InlineData("""<a href="/P/x" title='see href="/x"'>""", null)]
    [InlineData("""<!-- <a href="/x"> --><p data-href="/x">1 < 2 href="/x" </p>""", null)]
    [InlineData("""<script src="/a.js">s = '<a href="/x">'</script><a href="/y">""", """<script src="/P/a.js">s = '<a href="/x">'</script><a href="/P/y">""")]
    [InlineData("<p>\u00e4\u00ff</p><a href=\"/x", null)]
    public void Links_from_the_root_begin_with_the_path_and_all_else_stays(string page, string? expected)
    {
        // Wherever a piece ends.
        for (var at = 0; at <= page.Length; at++)
        {
            var links = new PageLinks("/P");
            Assert.Equal(expected ?? page, links.Next(page[..at]) + links.Next(page[at..]) + links.Rest());
        }
    }

    [Fact]
    public void A_tag_without_an_end_is_let_go()
    {
        var (links, page) = (new PageLinks("/P"), $"<a title=\"{new string('x', 100_000)}");
        Assert.StartsWith("<a title", links.Next(page), StringComparison.Ordinal);
        Assert.EndsWith("""y"> <a href="/P/x">""", links.Next("""y"> <a href="/x">"""), StringComparison.Ordinal);
    }
}
