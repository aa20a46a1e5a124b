using System.Text;

namespace Orchestrator.Node.Certificates;

/// <summary>Files that hold secrets: readable by their owner alone, and written whole or not at all.</summary>
internal static class OwnFile
{
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="IOException">It cannot be written; what was there before is still there.</exception>
    public static void Write(string path, string text)
    {
        var partial = path + ".new";
        File.Delete(partial); // A file that exists keeps its mode.
        using (var file = new FileStream(partial, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Mode }))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(partial, path, overwrite: true);
    }
}
