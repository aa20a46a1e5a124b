using Orchestrator.Actors.Api.Selectors;

namespace Orchestrator.Tests.Api;

public sealed class LabelSelectorSpec
{
    private static readonly Dictionary<string, string> Labels = new() { ["app"] = "web", ["example.com/size"] = "7", ["empty"] = "" };

    [Theory]
    [InlineData("", true)]
    [InlineData("app=web", true)]
    [InlineData("app==web , empty=", true)]
    [InlineData("app!=web", false)]
    [InlineData("other!=web", true)]
    [InlineData("app in (db, web)", true)]
    [InlineData("app notin (db,web)", false)]
    [InlineData("other notin (db)", true)]
    [InlineData("empty in (,a)", true)]
    [InlineData("app,!other", true)]
    [InlineData("!app", false)]
    [InlineData("example.com/size>6", true)]
    [InlineData("example.com/size > 7", false)]
    [InlineData("example.com/size<8", true)]
    [InlineData("app>1", false)]
    public void Chooses(string text, bool isChosen)
    {
        var (selector, error) = LabelSelector.Parse(text);
        Assert.Null(error);
        Assert.Equal(isChosen, selector!.Matches(Labels));
    }

    [Theory]
    [InlineData("a=b,")]
    [InlineData(",")]
    [InlineData("a===b")]
    [InlineData("!a=b")]
    [InlineData("a in b")]
    [InlineData("a in (b")]
    [InlineData("a in ()")]
    [InlineData("a within (b)")]
    [InlineData("a>b")]
    [InlineData("=b")]
    public void Refuses(string text) => Assert.StartsWith("unable to parse requirement: ", LabelSelector.Parse(text).Error, StringComparison.Ordinal);
}
