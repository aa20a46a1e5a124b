using CsCheck;
using Orchestrator.Actors.Kinds.Jobs;

namespace Orchestrator.Tests.Kinds.Jobs;

public sealed class CompletionIndexesSpec
{
    [Theory]
    [InlineData("", 10, 0, "")]
    [InlineData(null, 10, 0, "")]
    [InlineData("3", 10, 1, "3")]
    [InlineData("1,3-5,7", 10, 5, "1,3-5,7")]
    [InlineData("1,2,3", 10, 3, "1-3")]
    [InlineData("1-2", 10, 2, "1,2")]
    [InlineData("1,3-5,7", 5, 3, "1,3,4")]
    [InlineData("1,3-5,7", 1, 0, "")]
    public void A_set_is_read_and_written_in_its_short_form(string? text, int completions, int count, string written)
    {
        var indexes = CompletionIndexes.Parse(text, completions)!;
        Assert.Equal((count, written), (indexes.Count, indexes.ToString()));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("1,")]
    [InlineData("3-1")]
    [InlineData("1-2-3")]
    [InlineData("-1")]
    [InlineData("2,1")]
    [InlineData("1-3,3")]
    public void What_is_no_set_is_not_read(string text) => Assert.Null(CompletionIndexes.Parse(text, 10));

    [Fact]
    public void A_set_has_what_was_added_and_misses_the_rest()
    {
        Gen.Select(Gen.Int[0, 40].Array[0, 30], Gen.Int[0, 40].Array[0, 30], Gen.Int[0, 45]).Sample((first, then, completions) =>
        {
            var indexes = CompletionIndexes.None.With(first).With(then);
            var all = first.Concat(then).Distinct().Order().ToList();
            Assert.Equal(all.Count, indexes.Count);
            Assert.Equal(all, Enumerable.Range(0, 41).Where(indexes.Contains));
            var (one, other) = (CompletionIndexes.None.With(first), CompletionIndexes.None.With(then));
            Assert.Equal(first.Intersect(then).Count(), one.CountIn(other));
            Assert.Equal(Enumerable.Range(0, completions).Except(all), indexes.Missing(completions));
            Assert.Equal(all.Where(i => i < completions), Enumerable.Range(0, 41).Where(CompletionIndexes.Parse(indexes.ToString(), completions)!.Contains));
        });
    }
}
