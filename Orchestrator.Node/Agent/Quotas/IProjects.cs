namespace Orchestrator.Node.Agent.Quotas;

/// <summary>Projects of file systems: a file belongs to one by its number, what is made in a folder belongs to the folder's, and the kernel bounds what the files of a project take together.</summary>
/// <remarks>Every method but the first throws <see cref="IOException"/> if the kernel refuses.</remarks>
internal interface IProjects
{
    /// <summary>Whether the file system of a folder refuses writes over the limits of projects.</summary>
    bool AreEnforced(string folder);

    /// <summary>The project of a folder; 0 is nobody's.</summary>
    uint Of(string folder);

    /// <summary>Gives a folder, and what is made in it from now on, to a project. What is in it stays where it is.</summary>
    void Give(string folder, uint project);

    /// <summary>How many files and folders a project has.</summary>
    /// <param name="folder">Any folder of the file system.</param>
    /// <param name="project">The project.</param>
    long FilesOf(string folder, uint project);

    /// <summary>Sets how much a project may take.</summary>
    /// <param name="folder">Any folder of the file system.</param>
    /// <param name="project">The project.</param>
    /// <param name="bytes">The limit in bytes, which the kernel knows in steps of 1 KiB; 0 for none.</param>
    void Limit(string folder, uint project, long bytes);
}
