namespace Orchestrator.Tests.Faults;

/// <summary>The folder in which everything of a run is, and what a run could leave beside it.</summary>
internal sealed class RunFolder
{
    // Where a host keeps its things unless it is told another folder.
    private static readonly IReadOnlyList<string> Elsewhere = ["/var/lib/orchestrator", "/run/orchestrator"];
    private readonly HashSet<string> _before = [.. Outside()];
    private readonly List<string> _strays = [];

    public RunFolder()
    {
        Path = Directory.CreateTempSubdirectory("orchestrator-faults-").FullName;
        Directory.CreateDirectory(Home);
        Directory.CreateDirectory(Temp);
    }

    public string Path { get; }

    /// <summary>Home of the user of the hosts, in which they have no business.</summary>
    public string Home => System.IO.Path.Combine(Path, "home");

    /// <summary>For temporary files of the hosts; those of programs that have nothing to do with the run lie elsewhere.</summary>
    public string Temp => System.IO.Path.Combine(Path, "tmp");

    /// <summary>Deletes it.</summary>
    /// <param name="keeps">Whether it stays.</param>
    public void Delete(bool keeps)
    {
        _strays.AddRange(Directory.GetFileSystemEntries(Home));
        if (!keeps)
        {
            Directory.Delete(Path, recursive: true);
            _strays.AddRange(Directory.Exists(Path) ? [Path] : []);
        }
    }

    /// <summary>After its deletion: processes and mounts that name it, and files that are elsewhere and were not before.</summary>
    /// <param name="others">Other folders that are gone.</param>
    public IReadOnlyList<string> Leftovers(IReadOnlyList<string> others) =>
    [
        .. _strays,
        .. others.Where(Directory.Exists),
        .. Processes([Path, .. others]),
        .. File.ReadLines("/proc/self/mounts").Where(l => others.Prepend(Path).Any(f => l.Contains(f, StringComparison.Ordinal))),
        .. Outside().Where(f => !_before.Contains(f)),
    ];

    private static IEnumerable<string> Outside() =>
        Elsewhere.Where(Directory.Exists).SelectMany(d => Directory.EnumerateFileSystemEntries(d, "*", SearchOption.AllDirectories).Prepend(d));

    private static IEnumerable<string> Processes(IReadOnlyList<string> folders)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(d => int.TryParse(System.IO.Path.GetFileName(d), out var pid) && pid != Environment.ProcessId))
        {
            var line = "";
            try
            {
                line = File.ReadAllText(System.IO.Path.Combine(process, "cmdline")).Replace('\0', ' ');
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }

            if (folders.Any(f => line.Contains(f, StringComparison.Ordinal)))
            {
                yield return $"process {System.IO.Path.GetFileName(process)}: {line}";
            }
        }
    }
}
