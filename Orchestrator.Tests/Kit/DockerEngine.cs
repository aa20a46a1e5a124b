using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Orchestrator.Tests.Kit;

/// <summary>A private Docker engine for a test that stops or pauses it; removed afterwards. It runs in its own network namespace, because
/// an engine without a bridge removes the host's docker0; its pods share that namespace.</summary>
/// <param name="livesOn">Whether containers outlive the engine's stop, and the next start takes them over.</param>
/// <param name="ns">Path of the network namespace that it is in; null for one of its own.</param>
internal sealed class DockerEngine(bool livesOn, string? ns = null) : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("orc-engine-").FullName;
    private readonly StringBuilder _log = new();
    private Process? _process;

    /// <summary>Its address.</summary>
    public string Host => $"unix://{_folder}/sock";

    public string Socket => $"{_folder}/sock";

    /// <summary>Starts or restarts it and waits until it answers.</summary>
    /// <param name="images">Images to import.</param>
    public async Task StartAsync(params string[] images)
    {
        _process = Process.Start(new ProcessStartInfo(ns is null ? "unshare" : "nsenter",
        [
            ns is null ? "--net" : $"--net={ns}", "dockerd", "--data-root", $"{_folder}/data", "--exec-root", $"{_folder}/run", "--pidfile", $"{_folder}/pid", "--host", Host,
            "--bridge", "none", "--iptables=false", "--shutdown-timeout", "1", $"--live-restore={(livesOn ? "true" : "false")}",
        ])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.OutputDataReceived += (_, e) => Keep(e.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        await Poll.UntilAsync(async () =>
        {
            return _process.HasExited ? throw new InvalidOperationException($"dockerd ended: {_log}") : (await DockerAsync("ps", "-q")).ExitCode == 0;
        }, Bound, () => $"dockerd answers; it said: {_log}");
        if (images.Length > 0)
        {
            (await Command.RunAsync(Path.Combine(Repository.Root, "scripts", "import-sample-image.sh"), images, Bound, environment: Environment)).Succeeded();
        }
    }

    /// <summary>Sends SIGTERM and waits for its exit.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        await _process!.WaitForExitAsync().WaitAsync(Bound);
    }

    /// <summary>SIGSTOP: it accepts connections but does not answer until <see cref="ResumeAsync"/>.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    public Task ResumeAsync() => SignalAsync("CONT");

    /// <summary>Containers of pods without sandboxes: id, start time, state.</summary>
    public async Task<IReadOnlyList<string>> ContainersAsync()
    {
        var ids = Lines((await DockerAsync("ps", "-aq", "--filter", "label=orchestrator.io/kind=container")).Succeeded());
        return ids.Length == 0 ? [] : [.. Lines((await DockerAsync(["inspect", "--format", "{{.Id}} {{.State.StartedAt}} {{.State.Status}}", .. ids])).Succeeded()).Order()];
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await ResumeAsync();
            if (Lines((await DockerAsync("ps", "-aq")).Output) is { Length: > 0 } left)
            {
                await DockerAsync(["rm", "-f", "-v", .. left]);
            }

            await StopAsync();
        }

        _process?.Dispose();
        await EndShimsAsync();
        foreach (var mount in File.ReadLines("/proc/self/mounts").Select(l => l.Split(' ')[1]).Where(m => m.StartsWith(_folder + "/", StringComparison.Ordinal)).Reverse())
        {
            await Command.RunAsync("umount", ["-l", mount], Bound);
        }

        Directory.Delete(_folder, recursive: true);
    }

    // An engine that was stopped while containers ran, and started again, can leave their shims when it ends.
    private async Task EndShimsAsync()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out _)))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(folder, "cmdline")) is var line && line.Contains("containerd-shim", StringComparison.Ordinal) && line.Contains(_folder + "/", StringComparison.Ordinal))
                {
                    await Command.RunAsync("kill", ["-KILL", Path.GetFileName(folder)], Bound);
                    await Poll.UntilAsync(() => Task.FromResult(!Directory.Exists(folder)), Bound, () => $"{folder} is gone");
                }
            }
            catch (IOException)
            {
                // It has ended by itself.
            }
        }
    }

    /// <summary>The environment of a client.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["DOCKER_HOST"] = Host };

    private Task<CommandResult> DockerAsync(params string[] arguments) => Command.RunAsync("docker", arguments, Bound, environment: Environment);

    private async Task SignalAsync(string name) =>
        (await Command.RunAsync("kill", [$"-{name}", _process!.Id.ToString(CultureInfo.InvariantCulture)], Bound)).Succeeded();

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private void Keep(string? line)
    {
        lock (_log)
        {
            _log.AppendLine(line);
        }
    }
}
