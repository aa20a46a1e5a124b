using Orchestrator.Node.Hosting;

namespace Orchestrator.Tests.Hosting;

public sealed class PrivateDirectorySpec : IDisposable
{
    private const UnixFileMode OwnerOnly = (UnixFileMode)0b111_000_000;
    private const UnixFileMode Shared = (UnixFileMode)0b111_101_101;
    private readonly string _folder = Directory.CreateTempSubdirectory("own").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(null, true)]
    [InlineData("", true)]
    [InlineData("node.arguments", true)]
    [InlineData("pki", true)]
    [InlineData("letters", false)]
    public void It_is_restricted_to_the_owner_unless_it_holds_other_files(string? content, bool isClosed)
    {
        var path = Path.Combine(_folder, "a", "data");
        if (content is not null)
        {
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, Shared);
            if (content.Length > 0)
            {
                File.WriteAllText(Path.Combine(path, content), "");
            }
        }

        PrivateDirectory.Prepare(path);
        Assert.Equal(isClosed ? OwnerOnly : Shared, File.GetUnixFileMode(path));
    }
}
