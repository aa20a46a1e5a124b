namespace Orchestrator.Tests.Kit;

/// <summary>The tools that other specs rely on.</summary>
public class KitSpec
{
    [Fact]
    public async Task A_program_that_hangs_is_ended_and_named()
    {
        var error = await Assert.ThrowsAsync<TimeoutException>(
            () => Command.RunAsync("tail", ["-f", "/dev/null"], TimeSpan.FromMilliseconds(200)));
        Assert.Contains("tail -f /dev/null", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Input_output_and_exit_code_come_through()
    {
        var result = await Command.RunAsync("sh", ["-c", "cat; echo no >&2; exit 3"], TimeSpan.FromSeconds(10), "yes");
        Assert.Equal((3, "yes", "no\n"), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public async Task The_sample_image_answers_with_its_name()
    {
        await SampleImage.ImportAsync(SampleImage.First, SampleImage.Second);
        var bound = TimeSpan.FromSeconds(60);
        foreach (var image in (string[])[SampleImage.First, SampleImage.Second])
        {
            var page = await Command.RunAsync("docker", ["run", "--rm", image, "cat", "/www/index.html"], bound);
            Assert.Equal($"Hello from {image}\n", page.Succeeded());
        }
    }
}
