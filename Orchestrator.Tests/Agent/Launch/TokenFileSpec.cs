using System.Text;
using k8s.Models;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.Agent.Launch;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.Launch;

/// <summary>The file of a token and who may read it.</summary>
public sealed class TokenFileSpec
{
    private const int DefaultMode = 0b110_100_100;
    private static readonly V1ServiceAccountTokenProjection Source = new() { Path = "token", ExpirationSeconds = 3607 };
    private static readonly PodToken Token = new("", 3607, "t.o.k", DateTimeOffset.UnixEpoch);

    [RootTheory]
    [InlineData("{}", """[{"name":"c","image":"i"}]""", 0b110_100_100, null, null)]
    [InlineData("""{"fsGroup":2000}""", """[{"name":"c","image":"i"}]""", 0b110_100_000, null, 2000L)]
    [InlineData("""{"fsGroup":2000,"runAsUser":1000}""", """[{"name":"c","image":"i"}]""", 0b110_100_000, null, 2000L)]
    [InlineData("""{"runAsUser":1000}""", """[{"name":"c","image":"i"}]""", 0b110_000_000, 1000L, null)]
    [InlineData("""{"runAsUser":1000}""", """[{"name":"c","image":"i"},{"name":"d","image":"i","securityContext":{"runAsUser":1001}}]""", 0b110_100_100, null, null)]
    [InlineData("{}", """[{"name":"c","image":"i","securityContext":{"runAsUser":7}},{"name":"d","image":"i"}]""", 0b110_100_100, null, null)]
    [InlineData("{}", """[{"name":"c","image":"i","securityContext":{"runAsUser":7}}]""", 0b110_000_000, 7L, null)]
    public void It_belongs_to_the_group_or_the_one_user_of_the_pod(string security, string containers, int mode, long? user, long? group)
    {
        var file = TokenFile.Of(PodTokenStoreSpec.Pod("[]", containers, security), Source, DefaultMode, [Token]);
        Assert.Equal(("token", "t.o.k", mode, user, group), (file.Path, Encoding.UTF8.GetString(file.Content), file.Mode, file.User, file.Group));
    }

    [Theory]
    [InlineData("vault", 3607)]
    [InlineData(null, 600)]
    public void A_token_for_others_is_not_taken(string? audience, long seconds) => Assert.Throws<LaunchException>(() =>
        TokenFile.Of(PodTokenStoreSpec.Pod("[]"), new V1ServiceAccountTokenProjection { Path = "token", Audience = audience, ExpirationSeconds = seconds }, DefaultMode, [Token]));

    [RootFact]
    public void The_file_is_written_with_its_owner()
    {
        using var folder = new TempFolder();
        var volume = Directory.CreateDirectory(Path.Combine(folder.Path, "volume")).FullName;
        ConfigurationFiles.Write(volume, Path.Combine(folder.Path, "versions", "v"), [new ConfigurationFile("token", "x"u8.ToArray(), 0b110_100_000, 1234, 2345)]);
        using var stat = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("stat", ["-L", "-c", "%u %g %a", Path.Combine(volume, "token")]) { RedirectStandardOutput = true })!;
        Assert.Equal("1234 2345 640", stat.StandardOutput.ReadToEnd().Trim());
    }
}
