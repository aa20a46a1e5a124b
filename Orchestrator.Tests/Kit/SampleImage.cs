namespace Orchestrator.Tests.Kit;

/// <summary>The image that the specs run: a static busybox that serves a page with the image's own name.</summary>
internal static class SampleImage
{
    public const string First = "orchestrator/sample:1";
    public const string Second = "orchestrator/sample:2";

    /// <summary>Imports the image under each name that does not exist yet.</summary>
    public static async Task ImportAsync(params string[] names)
    {
        var script = Path.Combine(Repository.Root, "scripts", "import-sample-image.sh");
        (await Command.RunAsync(script, names, TimeSpan.FromMinutes(2))).Succeeded();
    }
}
