using System.Text;

namespace Orchestrator.Node.Certificates;

/// <summary>Writes files that contain secrets: mode 600, replaced atomically.</summary>
internal static class SecretFile
{
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="IOException">It cannot be written; an existing file is unchanged.</exception>
    public static void Write(string path, string text)
    {
        var partial = path + ".new";
        File.Delete(partial); // An existing file would keep its mode.
        using (var file = new FileStream(partial, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Mode }))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(partial, path, overwrite: true);
    }
}
