using System.Diagnostics;
using System.Net;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Faults.Cluster;

/// <summary>How one host is started.</summary>
/// <param name="Name">Name of the host and prefix of its nodes.</param>
/// <param name="Folder">All it writes is here.</param>
/// <param name="Address">Address of its API.</param>
/// <param name="Options">Options of orchestrator-node besides the address, the name and the data directory.</param>
/// <param name="Prefix">Program that starts the host in a network namespace and becomes it; empty for none.</param>
internal sealed record HostSettings(string Name, RunFolder Folder, IPEndPoint Address, IReadOnlyList<string> Options, IReadOnlyList<string> Prefix)
{
    /// <summary>Its clock; null if it is the machine's.</summary>
    public TestClock? Clock { get; init; }
}

/// <summary>An orchestrator-node that can be killed, ended, stopped, continued and started again with its data.</summary>
internal sealed class ControlHost(HostSettings settings) : IDisposable
{
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(60);
    private Process? _process;
    private TextWriter? _log;
    private ApiConnection? _api;

    public string Name => settings.Name;

    public string DataDir => Path.Combine(settings.Folder.Path, Name);

    public string Log => Path.Combine(settings.Folder.Path, Name + ".log");

    /// <summary>The admin's connection; it is there after the first start.</summary>
    public ApiConnection Api => _api ?? throw new InvalidOperationException($"{Name} was never ready.");

    /// <summary>Null if it is the machine's.</summary>
    public TestClock? Clock => settings.Clock;

    public bool IsRunning => _process is { HasExited: false };

    public int Pid => _process!.Id;

    public void Start()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "orchestrator-node");
        string[] line = [.. settings.Prefix, program, "--data-dir", DataDir, "--api-address", settings.Address.ToString(), "--node-name", Name, .. settings.Options];
        _process?.Dispose();
        _log ??= TextWriter.Synchronized(new StreamWriter(Log, append: true) { AutoFlush = true });
        _log.WriteLine($"--- {string.Join(' ', line)}");
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["TMPDIR"] = settings.Folder.Temp, ["HOME"] = settings.Folder.Home },
        };
        foreach (var (name, value) in Clock?.Variables ?? [])
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => Keep(e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits until it says that it is ready.</summary>
    public Task WaitReadyAsync(TimeSpan bound) => Poll.UntilAsync(IsReadyAsync, bound, () => $"{Name} is ready");

    /// <summary>SIGKILL: nothing is flushed.</summary>
    public async Task KillAsync()
    {
        Signals.Send(Pid, Signal.Kill);
        await _process!.WaitForExitAsync().WaitAsync(StopBound);
    }

    /// <summary>SIGTERM: it ends by itself, within a minute.</summary>
    public async Task TerminateAsync()
    {
        Signals.Send(Pid, Signal.Terminate);
        await _process!.WaitForExitAsync().WaitAsync(StopBound);
    }

    /// <summary>SIGSTOP: it lives and does nothing.</summary>
    public void Pause() => Signals.Send(Pid, Signal.Stop);

    /// <summary>SIGCONT.</summary>
    public void Continue() => Signals.Send(Pid, Signal.Continue);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (IsRunning)
        {
            Signals.Send(Pid, Signal.Kill);
            _process!.WaitForExit(StopBound);
        }

        _process?.Dispose();
        _api?.Dispose();
        _log?.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        if (!IsRunning)
        {
            throw new InvalidOperationException($"{Name} ended with {_process!.ExitCode}: {string.Join(" / ", File.ReadLines(Log).TakeLast(5))}");
        }

        if (_api is null && File.Exists(Path.Combine(DataDir, "ready")))
        {
            _api = new ApiConnection(settings.Address, DataDir);
        }

        return _api is not null && (await _api.GetAsync("/readyz")).Status == 200;
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _log!.WriteLine(line);
        }
    }
}
