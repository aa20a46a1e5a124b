using System.Collections.Immutable;
using CsCheck;
using Orchestrator.Node.Agent.Images;

namespace Orchestrator.Tests.Agent.Images;

/// <summary>Which images are removed, and when.</summary>
public sealed class ImagePlanSpec
{
    private static readonly DateTimeOffset Now = new(2026, 1, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly ImageGcSettings Settings = new();

    [Theory]
    [InlineData(84, 0)]
    [InlineData(85, 5)]
    [InlineData(95, 15)]
    [InlineData(100, 20)]
    public void From_the_high_threshold_on_as_much_is_freed_as_leads_to_the_low_one(int usedPercent, long bytes) =>
        Assert.Equal(bytes, ImagePlan.Of(Settings, Disk(usedPercent), [], ImmutableDictionary<string, ImageRecord>.Empty, Now).BytesToFree);

    [Fact]
    public void Nothing_is_removed_with_a_threshold_of_100_or_a_disk_without_size()
    {
        Assert.Equal(ImagePlan.Nothing, ImagePlan.Of(Settings with { HighPercent = 100 }, Disk(100), [Image("a")], Old("a"), Now));
        Assert.Equal(ImagePlan.Nothing, ImagePlan.Of(Settings, new ImageDisk(0, 0), [Image("a")], Old("a"), Now));
    }

    [Fact]
    public void What_is_used_young_or_of_this_host_alone_stays()
    {
        StoredImage[] images = [Image("used") with { IsUsed = true }, Image("built") with { CanBePulled = false }, Image("young"), Image("unknown"), Image("free")];
        var records = Old("used", "built", "free").Add("young", new ImageRecord(Now - TimeSpan.FromSeconds(119), null));
        Assert.Equal(["free"], ImagePlan.Of(Settings, Disk(90), images, records, Now).Candidates.Select(i => i.Id));
    }

    [Fact]
    public void What_was_not_used_for_longest_goes_first()
    {
        var records = ImmutableDictionary<string, ImageRecord>.Empty
            .Add("lately", new ImageRecord(Now.AddDays(-9), Now.AddMinutes(-5))).Add("once", new ImageRecord(Now.AddDays(-2), Now.AddDays(-1)))
            .Add("never", new ImageRecord(Now.AddDays(-1), null)).Add("never, and older", new ImageRecord(Now.AddDays(-3), null));
        Assert.Equal(["never, and older", "never", "once", "lately"], ImagePlan.Of(Settings, Disk(90), [.. records.Keys.Order().Select(Image)], records, Now).Candidates.Select(i => i.Id));
    }

    [Fact]
    public void Images_are_noted_when_they_come_are_used_and_go()
    {
        var first = ImagePlan.Note(ImmutableDictionary<string, ImageRecord>.Empty, [Image("a"), Image("b") with { IsUsed = true }], Now);
        var second = ImagePlan.Note(first, [Image("b"), Image("c")], Now.AddMinutes(5));
        Assert.Equal(new ImageRecord(Now, null), first["a"]);
        Assert.Equal(new ImageRecord(Now, Now), second["b"]);
        Assert.Equal(new ImageRecord(Now.AddMinutes(5), null), second["c"]);
        Assert.False(second.ContainsKey("a"));
    }

    [Fact]
    public void No_image_in_use_is_ever_a_candidate() =>
        Gen.Select(Gen.Int[0, 100], Gen.Select(Gen.Bool, Gen.Bool, Gen.Int[0, 600]).Array[0, 20]).Sample((used, all) =>
        {
            var images = all.Select((a, i) => Image($"{i}") with { IsUsed = a.Item1, CanBePulled = a.Item2 }).ToList();
            var records = images.ToImmutableDictionary(i => i.Id, i => new ImageRecord(Now.AddSeconds(-all[int.Parse(i.Id, null)].Item3), null));
            return ImagePlan.Of(Settings, Disk(used), images, records, Now).Candidates.All(c => !c.IsUsed && c.CanBePulled && Now - records[c.Id].FirstSeen >= TimeSpan.FromMinutes(2));
        });

    private static ImageDisk Disk(int usedPercent) => new(100, 100 - usedPercent);

    private static StoredImage Image(string id) => new(id, [$"{id}:1"], 10, IsUsed: false, CanBePulled: true);

    private static ImmutableDictionary<string, ImageRecord> Old(params string[] ids) => ids.ToImmutableDictionary(i => i, _ => new ImageRecord(Now.AddDays(-1), null));
}
