using CsCheck;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Tests.Journal;

public sealed class KnownIdsSpec
{
    [Fact]
    public void What_was_there_or_was_added_is_never_denied() => Gen.Select(Gen.String.Array, Gen.String.Array).Sample((there, added) =>
    {
        var ids = new KnownIds(there);
        foreach (var id in added)
        {
            ids.Add(id);
        }

        Assert.All(there.Concat(added), id => Assert.True(ids.MayHave(id)));
    });

    [Fact]
    public void A_new_name_beside_a_hundred_thousand_is_known_to_be_new()
    {
        var ids = new KnownIds(Enumerable.Range(0, 100_000).Select(i => $"pods/default/web-{i}"));
        Assert.Equal(0, Enumerable.Range(100_000, 10_000).Count(i => ids.MayHave($"pods/default/web-{i}")));
    }
}
