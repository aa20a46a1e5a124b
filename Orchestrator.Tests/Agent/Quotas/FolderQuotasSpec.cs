using CsCheck;
using Orchestrator.Node.Agent.Quotas;

namespace Orchestrator.Tests.Agent.Quotas;

/// <summary>Which project each folder has, whatever happens to the agent.</summary>
public sealed class FolderQuotasSpec
{
    [Fact]
    public void Numbers_are_out_of_the_way_of_others_and_differ()
    {
        Gen.String.Sample(name =>
        {
            var some = ProjectNumbers.For(name).Take(100).ToList();
            return some.Distinct().Count() == 100 && some.All(n => n is >= ProjectNumbers.First and < ProjectNumbers.First + ProjectNumbers.Count) && some.SequenceEqual(ProjectNumbers.For(name).Take(100));
        });
    }

    [Fact]
    public void No_project_is_given_twice_and_every_size_holds_although_the_agent_crashes_at_any_line()
    {
        // What is done to which of the folders, and after how many calls of the kernel the agent dies.
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 9], Gen.Int[0, 8]).List[1, 30].Sample(steps =>
        {
            using var disk = new FakeDisk();
            var sizes = new Dictionary<string, long>();
            foreach (var (folder, size, calls) in steps)
            {
                var path = disk.PathOf($"pvc-{folder}");
                disk.CallsLeft = calls;
                try
                {
                    Step(disk, path, size);
                }
                catch (IOException)
                {
                    disk.CallsLeft = int.MaxValue;
                    Step(disk, path, size);
                }

                disk.CallsLeft = int.MaxValue;
                sizes[path] = size;
            }

            var kept = sizes.Where(s => s.Value > 0).ToList();
            Assert.Equal(kept.Count, kept.Select(s => disk.Of(s.Key)).Distinct().Count());
            Assert.All(kept, s => Assert.Equal(s.Value, disk.Limits[disk.Of(s.Key)]));
            Assert.DoesNotContain(kept, s => disk.Foreign.Contains(disk.Of(s.Key)) || disk.Of(s.Key) == 0);
            Assert.Equal(kept.Count, Directory.Exists(disk.Records) ? Directory.GetFiles(disk.Records).Count(f => !f.EndsWith(".new", StringComparison.Ordinal)) : 0);
        });
    }

    [Fact]
    public void The_project_that_a_container_gave_its_folder_to_is_left_alone()
    {
        using var disk = new FakeDisk();
        var (mine, other) = (disk.PathOf("pvc-0"), disk.PathOf("pvc-1"));
        Step(disk, mine, 5);
        Step(disk, other, 7);
        File.WriteAllText(Path.Combine(mine, "file"), "");
        disk.Give(mine, disk.Of(other));

        Assert.False(new FolderQuotas(disk.Records, disk).Bound(mine, 1));
        Assert.Equal(7, disk.Limits[disk.Of(other)]);
        Directory.Delete(mine, recursive: true);
        new FolderQuotas(disk.Records, disk).Release(mine);
        Assert.Equal(7, disk.Limits[disk.Of(other)]);
    }

    [Fact]
    public void A_folder_that_has_files_already_stays_as_it_is_and_so_does_one_whose_file_system_has_no_quotas()
    {
        using var disk = new FakeDisk();
        var folder = Directory.CreateDirectory(disk.PathOf("pvc-0")).FullName;
        disk.IsOff = true;
        Assert.False(new FolderQuotas(disk.Records, disk).Bound(folder, 5));
        disk.IsOff = false;
        File.WriteAllText(Path.Combine(folder, "file"), "");
        Assert.False(new FolderQuotas(disk.Records, disk).Bound(folder, 5));
        Assert.Equal(0u, disk.Of(folder));
        Assert.False(Directory.Exists(disk.Records));
    }

    // Each with a new agent. 0: the folder goes.
    private static void Step(FakeDisk disk, string folder, long size)
    {
        var quotas = new FolderQuotas(disk.Records, disk);
        if (size == 0)
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
                disk.Forget(folder);
            }

            quotas.Release(folder);
        }
        else
        {
            Directory.CreateDirectory(folder);
            Assert.True(quotas.Bound(folder, size));
        }
    }
}
