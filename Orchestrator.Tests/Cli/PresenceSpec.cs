using Orchestrator.Cli;
using Orchestrator.Cli.Hosting;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Cli;

/// <summary>What may not be looked at is not said to be absent.</summary>
public sealed class PresenceSpec : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Absent_is_absent_and_there_is_there()
    {
        Assert.True(Presence.IsThere(_folder.Path));
        Assert.False(Presence.IsThere(Path.Combine(_folder.Path, "none")));
        Assert.False(Presence.IsThere(Path.Combine(_folder.Path, "none", "either")));
    }

    [Fact]
    public void A_closed_directory_is_a_matter_of_rights()
    {
        var refused = Assert.Throws<CliException>(() => Presence.IsThere("/closed/config", _ => throw new UnauthorizedAccessException()));
        Assert.StartsWith("/closed/config: permission denied", refused.Message, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task Commands_of_a_user_without_rights_say_so()
    {
        var closed = Path.Combine(_folder.Path, "closed");
        Directory.CreateDirectory(closed);
        await File.WriteAllTextAsync(Path.Combine(closed, "admin.kubeconfig"), "kind: Config");
        await File.WriteAllTextAsync(Path.Combine(closed, "node.pid"), "1");
        File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var line in (string[][])[["get", "pods", "--kubeconfig", $"{closed}/admin.kubeconfig"], ["down", "--data-dir", closed], ["apply", "-f", $"{closed}/a.yaml"]])
        {
            var said = await Command.RunAsync("setpriv",
                ["--reuid=65534", "--regid=65534", "--clear-groups", Path.Combine(AppContext.BaseDirectory, "orc"), .. line], Bound);
            said.EndedWith(1);
            Assert.Contains("permission denied", said.Error, StringComparison.Ordinal);
        }
    }
}
