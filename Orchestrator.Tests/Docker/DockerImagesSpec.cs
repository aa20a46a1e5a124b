using Orchestrator.Node.Agent.Images;
using Orchestrator.Node.Docker;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Docker;

/// <summary>The images of a real engine.</summary>
[Collection(DockerHost.Name)]
public sealed class DockerImagesSpec(DockerHost host)
{
    private static readonly Uri Engine = new("unix:///var/run/docker.sock");

    [Fact]
    public async Task An_image_that_was_pulled_can_be_removed_and_one_that_was_imported_is_known_as_such()
    {
        _ = host; // It has imported the sample image.
        await using var registry = new LoopbackRegistry("anna", "secret-word");
        await using var runtime = DockerRuntime.At(Engine, "images", Path.GetTempPath());
        var names = new[] { $"{registry.Host}/first:1", $"{registry.Host}/second:2" };
        try
        {
            foreach (var name in names)
            {
                Assert.True(await runtime.EnsureImageAsync(name, "IfNotPresent", [new RegistryLogin(registry.Host, "anna", "secret-word")], CancellationToken.None));
            }

            var pulled = Assert.Single(await runtime.Images.ListAsync(CancellationToken.None), i => i.Names.Contains(names[0]));
            Assert.Contains(names[1], pulled.Names);
            Assert.Equal((true, false), (pulled.CanBePulled, pulled.IsUsed));
            Assert.False(Assert.Single(await runtime.Images.ListAsync(CancellationToken.None), i => i.Names.Contains(SampleImage.First)).CanBePulled);
            var disk = await runtime.Images.DiskAsync(CancellationToken.None);
            Assert.True(disk is null || disk.UsedPercent is > 0 and < 100);

            Assert.True(await runtime.Images.RemoveAsync(pulled, CancellationToken.None));
            Assert.DoesNotContain(await runtime.Images.ListAsync(CancellationToken.None), i => i.Id == pulled.Id);
            Assert.True(await runtime.Images.RemoveAsync(pulled, CancellationToken.None)); // Again.
        }
        finally
        {
            await Command.RunAsync("docker", ["rmi", "-f", .. names], TimeSpan.FromSeconds(30));
        }
    }
}
