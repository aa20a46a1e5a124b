using Orchestrator.Node.Agent.Quotas;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.Quotas;

/// <summary>Folders of a disk whose kernel knows their projects and dies when it is told to. Somebody else has the first numbers of each folder.</summary>
internal sealed class FakeDisk : IProjects, IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, uint> _projects = [];

    public HashSet<uint> Foreign { get; } = [.. Enumerable.Range(0, 4).SelectMany(i => ProjectNumbers.For($"pvc-{i}").Take(i))];

    public Dictionary<uint, long> Limits { get; } = [];

    public int CallsLeft { get; set; } = int.MaxValue;

    public bool IsOff { get; set; }

    public string Records => _folder.File("projects");

    public string Volumes => _folder.File("volumes");

    public string PathOf(string name) => Path.Combine(Volumes, name);

    public void Forget(string folder) => _projects.Remove(folder);

    public bool AreEnforced(string folder) => !IsOff;

    public uint Of(string folder) => Counted(() => _projects.GetValueOrDefault(folder));

    public void Give(string folder, uint project) => Counted(() => _projects[folder] = project);

    public long FilesOf(string folder, uint project) => Counted(() => _projects.Values.Count(p => p == project) + (Foreign.Contains(project) ? 3 : 0));

    public void Limit(string folder, uint project, long bytes) => Counted(() => Limits[project] = bytes);

    public void Dispose() => _folder.Dispose();

    private T Counted<T>(Func<T> call) => CallsLeft-- > 0 ? call() : throw new IOException("the agent is gone");
}
