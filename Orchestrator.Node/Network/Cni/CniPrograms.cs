using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Node.Network.Cni;

/// <summary>Runs the programs of plugins (CNI specification, section 2). They are told nothing of this process but what the specification says, and what they print is bounded.</summary>
/// <param name="Folders">Where they are looked for.</param>
/// <param name="Time">The clock.</param>
internal sealed record CniPrograms(ImmutableArray<string> Folders, TimeProvider Time)
{
    private const int MostOutput = 1 << 20;
    private const int MostErrors = 1 << 14;
    private const string Tools = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static readonly TimeSpan DeathBound = TimeSpan.FromSeconds(10);

    /// <summary>Path of a plugin.</summary>
    /// <exception cref="NetworkException">It is in none of the folders.</exception>
    public string Require(string type) => Folders.Select(f => Path.Combine(f, type)).FirstOrDefault(File.Exists) ?? throw new NetworkException($"plugin {type} is not in {string.Join(':', Folders)}");

    /// <summary>Runs a plugin.</summary>
    /// <param name="command">What it is to do.</param>
    /// <param name="type">The plugin.</param>
    /// <param name="request">What it reads.</param>
    /// <param name="attachment">The pod; null if it is about none.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>What it printed.</returns>
    /// <exception cref="NetworkException">It failed, said too much, took too long or is not there.</exception>
    public async Task<string> RunAsync(CniCommand command, string type, JsonObject request, CniAttachment? attachment, CancellationToken cancellation)
    {
        using var process = Start(command, type, attachment);
        using var bound = new CancellationTokenSource(command.Bound, Time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation, bound.Token);
        try
        {
            var output = ReadAsync(process.StandardOutput.BaseStream, MostOutput, ends.Cancel, ends.Token);
            var errors = ReadAsync(process.StandardError.BaseStream, MostErrors, () => { }, ends.Token);
            await Task.WhenAll(WriteAsync(process, request.ToJsonString(), ends.Token), output, errors, process.WaitForExitAsync(ends.Token)).ConfigureAwait(false);
            return process.ExitCode == 0 ? await output.ConfigureAwait(false)
                : throw new NetworkException(CniResult.Failure(type, process.ExitCode, await output.ConfigureAwait(false), await errors.ConfigureAwait(false)));
        }
        catch (OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new NetworkException(bound.IsCancellationRequested ? $"plugin {type} did not end {command.Name} within {command.Bound.TotalSeconds:0} s" : $"plugin {type} printed more than {MostOutput} bytes");
        }
        finally
        {
            await EndAsync(process).ConfigureAwait(false);
        }
    }

    private Process Start(CniCommand command, string type, CniAttachment? attachment)
    {
        var program = Require(type);
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment.Clear();
        foreach (var (name, value) in (IEnumerable<(string, string)>)
        [
            ("PATH", Tools), ("CNI_COMMAND", command.Name), ("CNI_PATH", string.Join(':', Folders)),
            .. attachment is null ? [] : ((string, string)[])
            [
                ("CNI_CONTAINERID", attachment.Container), ("CNI_NETNS", attachment.Namespace), ("CNI_IFNAME", CniAttachment.Interface), ("CNI_ARGS", attachment.Arguments),
            ],
        ])
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new NetworkException($"plugin {type} cannot be run: {program}: {e.Message}");
        }
    }

    private static async Task WriteAsync(Process process, string request, CancellationToken cancellation)
    {
        try
        {
            await process.StandardInput.WriteAsync(request.AsMemory(), cancellation).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended before it has read everything, and says itself why.
        }
    }

    // All is read, so that whoever prints does not wait for it, but only so much is kept.
    private static async Task<string> ReadAsync(Stream stream, int most, Action onMore, CancellationToken cancellation)
    {
        var kept = new MemoryStream();
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var read)
        {
            kept.Write(buffer, 0, Math.Min(read, most - (int)kept.Length));
            if (kept.Length == most)
            {
                onMore();
            }
        }

        return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);
    }

    // It must not go on behind the back of the next one, nor may the plugins that it runs itself.
    private static async Task EndAsync(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).WaitAsync(DeathBound, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
