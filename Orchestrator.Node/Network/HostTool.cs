using System.ComponentModel;
using System.Diagnostics;

namespace Orchestrator.Node.Network;

/// <summary>Runs the tools of the host that change its network: <c>ip</c>, <c>nft</c> and <c>iptables</c>.</summary>
internal static class HostTool
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly string[] Folders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin"];

    /// <summary>Path of a tool; null if the host does not have it.</summary>
    public static string? Find(string tool) => Folders.Select(f => Path.Combine(f, tool)).FirstOrDefault(File.Exists);

    /// <summary>Gives lines to a tool of iproute2, one after the other; none is nothing to do.</summary>
    /// <exception cref="NetworkException">One failed, or the tool is not there.</exception>
    public static Task BatchAsync(string tool, IEnumerable<string> options, IEnumerable<string> lines, CancellationToken cancellation) => string.Join('\n', lines) is { Length: > 0 } text
        ? RunAsync(tool, [.. options, "-batch", "-"], text + "\n", cancellation) : Task.CompletedTask;

    /// <summary>Runs a transaction of packet rules. The tool reads it from a file, which is whole: of a pipe it would take for the end what was written when this process was killed.</summary>
    /// <exception cref="NetworkException">It was refused, and changed nothing.</exception>
    public static async Task ApplyRulesAsync(string transaction, CancellationToken cancellation)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, transaction, cancellation).ConfigureAwait(false);
            await RunAsync("nft", ["-f", file], "", cancellation).ConfigureAwait(false);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Runs a tool.</summary>
    /// <returns>Its output.</returns>
    /// <exception cref="NetworkException">It failed, took too long or is not there.</exception>
    public static async Task<string> RunAsync(string tool, IEnumerable<string> arguments, string input, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Find(tool) ?? throw new NetworkException($"the host has no command \"{tool}\": install iproute2 and nftables"), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        using var process = Start(start);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(Bound);
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(bound.Token), process.StandardError.ReadToEndAsync(bound.Token));
            await process.StandardInput.WriteAsync(input.AsMemory(), bound.Token).ConfigureAwait(false);
            process.StandardInput.Close();
            await process.WaitForExitAsync(bound.Token).ConfigureAwait(false);
            return process.ExitCode == 0 ? await output.ConfigureAwait(false) : throw new NetworkException($"{tool}: {(await error.ConfigureAwait(false)).Trim().ReplaceLineEndings("; ")}");
        }
        catch (OperationCanceledException)
        {
            // It must not go on behind the back of the next one.
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None).WaitAsync(Bound, CancellationToken.None).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            throw new NetworkException($"{tool} did not end within {Bound.TotalSeconds:0} s");
        }
        catch (IOException e)
        {
            // It has ended before it has read everything, and its code says how.
            await process.WaitForExitAsync(CancellationToken.None).WaitAsync(Bound, CancellationToken.None).ConfigureAwait(false);
            throw new NetworkException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{tool} ended with {process.ExitCode}: {e.Message}"));
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new NetworkException($"{start.FileName} cannot be run: {e.Message}");
        }
    }
}
