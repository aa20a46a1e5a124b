using System.Globalization;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Node.Agent.Quotas;

/// <summary>Bounds what is in folders, each by a project of its own. Every call is safe to repeat after a crash at any line. Thread-safe.</summary>
/// <param name="records">Folder that says which project a folder has, a file for each: a container can give its folder to another project, so the folder itself does not count.</param>
/// <param name="projects">The projects.</param>
internal sealed class FolderQuotas(string records, IProjects projects)
{
    // Nobody else gives such numbers, so the first one is free.
    private const int Tries = 1000;
    private readonly Lock _gate = new();

    /// <summary>Bounds a folder. One that has files when it gets its project stays as it is: they would not count, and could not be moved within it.</summary>
    /// <param name="folder">The folder; its name is that of its record.</param>
    /// <param name="bytes">How much may be in it.</param>
    /// <returns>Whether it is bounded.</returns>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public bool Bound(string folder, long bytes)
    {
        lock (_gate)
        {
            if (!projects.AreEnforced(folder))
            {
                return false;
            }

            var name = Path.GetFileName(folder);
            if (Recorded(name) is not { } project || projects.Of(folder) != project)
            {
                if (!IsEmpty(folder))
                {
                    return false;
                }

                project = Claim(folder, name);
            }

            projects.Limit(folder, project, bytes);
            return true;
        }
    }

    /// <summary>Frees the project of a folder that is deleted.</summary>
    /// <param name="folder">Where it was.</param>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public void Release(string folder)
    {
        lock (_gate)
        {
            if (Recorded(Path.GetFileName(folder)) is not { } project)
            {
                return;
            }

            var parent = Path.GetDirectoryName(folder)!;
            if (projects.AreEnforced(parent))
            {
                projects.Limit(parent, project, 0);
            }

            File.Delete(Record(Path.GetFileName(folder)));
        }
    }

    // Recorded before it is given: a project that nobody knows of would never be freed. Whoever takes the same number at the same moment sees two files, as this one does, and both go on to another.
    private uint Claim(string folder, string name)
    {
        foreach (var project in ProjectNumbers.For(name).Take(Tries).Where(p => projects.FilesOf(folder, p) == 0))
        {
            Write(name, project);
            projects.Give(folder, project);
            if (projects.FilesOf(folder, project) == 1)
            {
                return project;
            }
        }

        throw new IOException($"no project number is free for {folder}");
    }

    private uint? Recorded(string name) =>
        File.Exists(Record(name)) && uint.TryParse(File.ReadAllText(Record(name)), NumberStyles.None, CultureInfo.InvariantCulture, out var project) ? project : null;

    private void Write(string name, uint project)
    {
        var draft = Record(name) + ".new";
        Directory.CreateDirectory(records);
        using (var file = File.Create(draft))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(project.ToString(CultureInfo.InvariantCulture)));
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, Record(name), overwrite: true);
    }

    private string Record(string name) => Path.Combine(records, name);

    private static bool IsEmpty(string folder)
    {
        using var handle = DirectoryHandle.Open(folder);
        return handle.Names().Count == 0;
    }
}
