namespace Orchestrator.Tests.Kit;

/// <summary>Path of the repository.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("Orchestrator.sln is above no folder of the tests.");
        }

        return folder.FullName;
    }
}
