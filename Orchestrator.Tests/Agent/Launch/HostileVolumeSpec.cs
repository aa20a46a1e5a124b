using System.Diagnostics;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Tests.Agent.Launch;

/// <summary>What the agent writes and deletes in a folder that somebody else writes too: nothing outside of it changes. The folder of the
/// host that the links lead to holds one file, and has to hold just that afterwards.</summary>
public sealed class HostileVolumeSpec : IDisposable
{
    private const int Races = 300;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orchestrator-hostile-");
    private readonly string _volume;
    private readonly string _host;
    private readonly string _record;

    public HostileVolumeSpec()
    {
        _volume = _folder.CreateSubdirectory("volume").FullName;
        _host = _folder.CreateSubdirectory("host").FullName;
        _record = Path.Combine(_folder.FullName, "versions", "volume");
        File.WriteAllText(Path.Combine(_host, "job"), "host");
    }

    public static TheoryData<string> Places => ["..data", "..link.new", "job", "folder", Fresh(), Fresh() + ".again"];

    [Theory]
    [MemberData(nameof(Places))]
    public void A_link_that_was_planted_is_replaced_and_not_followed(string place)
    {
        Write("before");
        var path = Path.Combine(_volume, place);
        if (Directory.Exists(path) && new FileInfo(path).LinkTarget is null)
        {
            Directory.Delete(path, recursive: true);
        }

        File.Delete(path);
        File.CreateSymbolicLink(path, _host);
        Write("new");
        HostIsUntouched();
        Assert.Equal(("new", "new"), (File.ReadAllText(Path.Combine(_volume, "job")), File.ReadAllText(Path.Combine(_volume, "folder", "job"))));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_folder_that_was_planted_is_replaced(string place)
    {
        Write("before");
        var path = Path.Combine(_volume, place);
        if (!Directory.Exists(path) || new FileInfo(path).LinkTarget is not null)
        {
            File.Delete(path);
            Directory.CreateDirectory(Path.Combine(path, "deep"));
        }

        File.CreateSymbolicLink(Path.Combine(path, "out"), _host);
        Write("new");
        HostIsUntouched();
        Assert.Equal("new", File.ReadAllText(Path.Combine(_volume, "job")));
        Assert.Equal(["..data", "folder", "job"], Directory.GetFileSystemEntries(_volume).Select(e => Path.GetFileName(e)!)
            .Where(n => n == "..data" || !n.StartsWith("..", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Links_that_are_swapped_while_the_agent_writes_lead_nowhere()
    {
        using var over = new CancellationTokenSource();
        var attack = Task.Run(() =>
        {
            for (var round = 0; !over.IsCancellationRequested; round++)
            {
                foreach (var entry in Entries().Append(Path.Combine(_volume, "..link.new")))
                {
                    Attempt(() => Directory.Move(entry, Path.Combine(_volume, $"aside{round}")));
                    Attempt(() => File.CreateSymbolicLink(entry, _host));
                }
            }
        });
        for (var i = 0; i < Races; i++)
        {
            Attempt(() => Write($"content {i}"));
        }

        await over.CancelAsync();
        await attack;
        HostIsUntouched();
        Write("last");
        Assert.Equal("last", File.ReadAllText(Path.Combine(_volume, "job")));
    }

    [Fact]
    public async Task Folders_that_are_swapped_for_links_while_the_agent_deletes_lead_nowhere()
    {
        for (var i = 0; i < Races / 10; i++)
        {
            for (var n = 0; n < 20; n++)
            {
                File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_volume, $"d{n}", "job")).FullName, "inner"), "x");
            }

            using var over = new CancellationTokenSource();
            var attack = Task.Run(() =>
            {
                while (!over.IsCancellationRequested)
                {
                    foreach (var entry in Entries().Where(e => new FileInfo(e).LinkTarget is null))
                    {
                        Attempt(() => Directory.Delete(Path.Combine(entry, "job"), recursive: true));
                        Attempt(() => Directory.Delete(entry));
                        Attempt(() => File.CreateSymbolicLink(entry, _host));
                    }
                }
            });
            Attempt(() => Delete());
            await over.CancelAsync();
            await attack;
            HostIsUntouched();
            Directory.CreateDirectory(_volume);
            Delete(); // What the other side planted last.
            Directory.CreateDirectory(_volume);
        }

        Delete();
        Assert.False(Directory.Exists(_volume));
    }

    [Fact]
    public void Depth_odd_names_and_links_do_not_keep_a_folder_from_being_deleted()
    {
        // Deeper than a path may be long, and than a stack or the handles of a process would bear: made from the bottom up.
        Run("sh", "-c", $"cd {_volume} && d=$(printf 'deep/%.0s' $(seq 100)) && mkdir top && for i in $(seq 100); do mkdir -p next/$d && mv top next/$d && mv next top || exit 1; done");
        Run("sh", "-c", $"cd {_volume} && touch \"$(printf '\\377\\376')\" && mkdir -p \"$(printf 'a\\nb\\377')/in\" ..removed.0 ..removed.1/full && ln -s {_host} out && mkfifo pipe");
        Delete();
        Assert.False(Directory.Exists(_volume));
        HostIsUntouched();
    }

    [Fact]
    public void Names_as_long_as_names_may_be_and_like_each_other_are_written()
    {
        var longest = new string('k', 253);
        foreach (var content in (string[])["one", "two"])
        {
            ConfigurationFiles.Write(_volume, _record, [.. ((string[])[longest, "foo", "foo.new"]).Select(n => new ConfigurationFile(n, System.Text.Encoding.UTF8.GetBytes(content), 0b110_100_100))]);
            Assert.Equal([content, content, content], ((string[])[longest, "foo", "foo.new"]).Select(n => File.ReadAllText(Path.Combine(_volume, n))));
        }
    }

    public void Dispose() => Run("rm", "-rf", _folder.FullName);

    private static ConfigurationFile[] Files(string content) =>
        [new("job", System.Text.Encoding.UTF8.GetBytes(content), 0b110_100_100), new("folder/job", System.Text.Encoding.UTF8.GetBytes(content), 0b110_100_100)];

    // The name that the version to come will have: who knows the content can work it out.
    private static string Fresh()
    {
        var folder = Directory.CreateTempSubdirectory("orchestrator-fresh-");
        try
        {
            ConfigurationFiles.Write(folder.FullName, Path.Combine(folder.FullName, "..record"), Files("new"));
            return new FileInfo(Path.Combine(folder.FullName, "..data")).LinkTarget!;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Attempt(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever comes first: the other side may lose.
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private void Delete() => new VolumeManager(_folder.FullName, isReal: false).Remove("volume");

    private void Write(string content) => ConfigurationFiles.Write(_volume, _record, Files(content));

    private string[] Entries()
    {
        string[] entries = [];
        Attempt(() => entries = Directory.GetFileSystemEntries(_volume));
        return entries;
    }

    private void HostIsUntouched()
    {
        Assert.Equal(["job"], Directory.GetFileSystemEntries(_host).Select(e => Path.GetFileName(e)));
        Assert.Equal("host", File.ReadAllText(Path.Combine(_host, "job")));
    }
}
