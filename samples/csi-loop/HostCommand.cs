using System.Diagnostics;
using Grpc.Core;

namespace Orchestrator.Samples.CsiLoop;

/// <summary>Runs the host's programs for file systems.</summary>
internal static class HostCommand
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its output.</returns>
    /// <exception cref="RpcException">It failed.</exception>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Bound);
        return process.ExitCode == 0 ? await output : throw new RpcException(new Status(StatusCode.Internal, $"{program} {string.Join(' ', arguments)}: {(await error).Trim()}"));
    }

    /// <summary>Whether something is mounted on a folder.</summary>
    public static bool IsMounted(string folder) => File.ReadLines("/proc/self/mountinfo").Any(l => l.Split(' ')[4] == folder);

    /// <summary>Unmounts a folder, if something is mounted there, and removes it.</summary>
    public static async Task UnmountAsync(string folder)
    {
        while (IsMounted(folder))
        {
            await RunAsync("umount", folder);
        }

        if (Directory.Exists(folder))
        {
            Directory.Delete(folder);
        }
    }
}
