using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Node.Agent.Shutdown;

/// <summary>Hears from systemd's logind that the machine is about to shut down, and has it wait until pods have ended. It uses the programs that come with systemd: <c>systemd-inhibit</c> holds the delay, and
/// <c>busctl</c> shows the signals of the system bus.</summary>
/// <param name="shutdown">Told what is heard.</param>
/// <param name="programs">The two programs, and the one that the first one runs until its input ends.</param>
/// <param name="log">Where trouble is told.</param>
internal sealed class LogindWatch(NodeShutdown shutdown, LogindPrograms programs, Action<string> log) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private Process? _delay;

    /// <summary>Whether the machine has a logind.</summary>
    public static bool IsThere => Directory.Exists("/run/systemd/seats") && File.Exists("/run/dbus/system_bus_socket");

    /// <summary>Begins to listen.</summary>
    public void Start() => _running = RunAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stopping.Dispose();
    }

    /// <summary>Reads a line of <c>busctl monitor --json=short</c>: whether a shutdown begins (true) or is called off (false); null if it is about something else.</summary>
    public static bool? Read(string line)
    {
        try
        {
            return JsonNode.Parse(line) is JsonObject signal && (string?)signal["member"] == "PrepareForShutdown" && signal["payload"]?["data"] is JsonArray and [JsonValue value] && value.TryGetValue<bool>(out var begins)
                ? begins : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task RunAsync()
    {
        // What is said last is said once.
        string? said = null;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await CheckDelayAsync().ConfigureAwait(false);
                await ListenAsync().ConfigureAwait(false);
                Say("busctl has ended");
            }
            catch (Exception e) when (e is Win32Exception or IOException or InvalidOperationException)
            {
                Say(e.Message);
            }
            catch (OperationCanceledException)
            {
                // Stopped.
            }
            finally
            {
                Release();
            }

            await Task.WhenAny(Task.Delay(Pause, _stopping.Token)).ConfigureAwait(false);
        }

        void Say(string why)
        {
            if (said != why && !_stopping.IsCancellationRequested)
            {
                said = why;
                log($"The shutdown of the machine cannot be heard of; it is tried again: {why}");
            }
        }
    }

    private async Task ListenAsync()
    {
        using var bus = Begin(programs.Busctl, [.. programs.Bus, "monitor", "--json=short", "--match", programs.Match]);
        try
        {
            Hold();
            while (await bus.StandardOutput.ReadLineAsync(_stopping.Token).ConfigureAwait(false) is { } line)
            {
                switch (Read(line))
                {
                    case true:
                        // The next line may say that it is called off.
                        var delay = _delay;
                        _ = shutdown.BeginAsync().ContinueWith(_ => Release(delay), TaskScheduler.Default);
                        break;
                    case false:
                        shutdown.Cancel();
                        Hold();
                        break;
                }
            }
        }
        finally
        {
            End(bus, TimeSpan.Zero);
        }
    }

    private async Task CheckDelayAsync()
    {
        using var asked = Begin(programs.Busctl, [.. programs.Bus, "get-property", "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "InhibitDelayMaxUSec"]);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        bound.CancelAfter(Bound);
        string text;
        try
        {
            text = await asked.StandardOutput.ReadToEndAsync(bound.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            // It is a hint only; whether the shutdown is heard of does not depend on it.
            End(asked, TimeSpan.Zero);
            log("logind does not say how long it waits for a shutdown");
            return;
        }

        if (ulong.TryParse(text.Split(' ').LastOrDefault()?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds / 1e6 < shutdown.Settings.Total.TotalSeconds)
        {
            log($"logind waits {microseconds / 1e6:0} s for a shutdown, and pods may take {shutdown.Settings.Total.TotalSeconds:0} s: set InhibitDelayMaxSec in /etc/systemd/logind.conf.d and reload systemd-logind");
        }
    }

    private void Hold()
    {
        Release();
        _delay = Begin(programs.Inhibit, ["--what=shutdown", "--mode=delay", "--who=orchestrator", "--why=Pods end before the machine does", programs.Cat]);
    }

    // One that was taken anew since then is for the next shutdown.
    private void Release(Process? mine)
    {
        if (Interlocked.CompareExchange(ref _delay, null, mine) is { } delay && ReferenceEquals(delay, mine))
        {
            End(delay, EndPatience);
            delay.Dispose();
        }
    }

    // The delay lasts as long as the program does.
    private void Release()
    {
        if (Interlocked.Exchange(ref _delay, null) is { } delay)
        {
            End(delay, EndPatience);
            delay.Dispose();
        }
    }

    private static Process Begin(string program, IReadOnlyList<string> arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true }) ?? throw new InvalidOperationException($"{program} did not start");

    private static void End(Process process, TimeSpan patience)
    {
        try
        {
            process.StandardInput.Close();
            if (!process.WaitForExit(patience))
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or Win32Exception)
        {
            // It has ended.
        }
    }
}

/// <summary>The programs that are run.</summary>
/// <param name="Busctl">Shows messages of a bus.</param>
/// <param name="Inhibit">Delays a shutdown while it runs.</param>
/// <param name="Cat">What the latter runs; it ends with its input.</param>
/// <param name="Bus">Arguments of the first that say which bus.</param>
internal sealed record LogindPrograms(string Busctl, string Inhibit, string Cat, IReadOnlyList<string> Bus)
{
    /// <summary>Those of the machine.</summary>
    public static readonly LogindPrograms OfMachine = new("busctl", "systemd-inhibit", "cat", ["--system"]);

    /// <summary>The messages that count. Everybody may send signals on the bus of the system, so the sender does too.</summary>
    public string Match { get; init; } = "type='signal',sender='org.freedesktop.login1',interface='org.freedesktop.login1.Manager',member='PrepareForShutdown'";
}
