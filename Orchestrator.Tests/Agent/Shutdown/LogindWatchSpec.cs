using System.Collections.Concurrent;
using System.Diagnostics;
using Orchestrator.Node.Agent.Shutdown;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.Shutdown;

/// <summary>What is heard of logind: the real programs of a bus, with a bus of the spec's own on which the spec plays logind, and a program that stands for systemd-inhibit.</summary>
public sealed class LogindWatchSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("""{"type":"signal","interface":"org.freedesktop.login1.Manager","member":"PrepareForShutdown","payload":{"type":"b","data":[true]}}""", true)]
    [InlineData("""{"type":"signal","interface":"org.freedesktop.login1.Manager","member":"PrepareForShutdown","payload":{"type":"b","data":[false]}}""", false)]
    [InlineData("""{"type":"signal","member":"PrepareForSleep","payload":{"type":"b","data":[true]}}""", null)]
    [InlineData("""{"type":"signal","member":"PrepareForShutdown","payload":{"type":"s","data":["x"]}}""", null)]
    [InlineData("""{"type":"signal","member":"PrepareForShutdown"}""", null)]
    [InlineData("Monitoring bus message stream.", null)]
    [InlineData("", null)]
    public void A_line_says_that_a_shutdown_begins_or_is_called_off(string line, bool? begins) => Assert.Equal(begins, LogindWatch.Read(line));

    [BusFact]
    public async Task A_shutdown_waits_until_pods_have_ended_and_one_that_is_called_off_is_over()
    {
        using var folder = new TempFolder();
        await using var bus = await Bus.StartAsync(folder);
        var shutdown = new NodeShutdown(new ShutdownSettings(ShutdownSettings.Simple(TimeSpan.FromMinutes(1), TimeSpan.Zero), false));
        var said = new ConcurrentQueue<string>();
        await using var watch = new LogindWatch(shutdown, new LogindPrograms("busctl", bus.Inhibit, "cat", [$"--address={bus.Address}"])
        {
            Match = "type='signal',interface='org.freedesktop.login1.Manager',member='PrepareForShutdown'",
        }, said.Enqueue);
        watch.Start();
        await Poll.UntilAsync(() => Task.FromResult(bus.IsHeld), Bound, () => $"the shutdown is delayed; it said: {string.Join('\n', said)}");

        // Nobody has pods, so the machine need not wait.
        await bus.SendUntilAsync(isBeginning: true, () => !bus.IsHeld);
        await bus.SendUntilAsync(isBeginning: false, () => bus.IsHeld);
    }

    // A bus with everything on it allowed.
    private sealed class Bus(TempFolder folder, Process daemon) : IAsyncDisposable
    {
        public string Address => $"unix:path={folder.File("bus")}";

        /// <summary>Stands for systemd-inhibit: while it runs, there is a file.</summary>
        public string Inhibit => folder.File("inhibit");

        public bool IsHeld => File.Exists(folder.File("held"));

        public static async Task<Bus> StartAsync(TempFolder folder)
        {
            await File.WriteAllTextAsync(folder.File("bus.conf"), $"""
                <busconfig><type>system</type><listen>unix:path={folder.File("bus")}</listen><auth>EXTERNAL</auth>
                <policy context="default"><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow user="*"/></policy></busconfig>
                """);
            await File.WriteAllTextAsync(folder.File("inhibit"), $"""
                #!/bin/sh
                touch {folder.File("held")}
                cat > /dev/null
                rm -f {folder.File("held")}
                """);
            File.SetUnixFileMode(folder.File("inhibit"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var bus = new Bus(folder, Process.Start(new ProcessStartInfo("dbus-daemon", [$"--config-file={folder.File("bus.conf")}", "--nofork"]))!);
            await Poll.UntilAsync(() => Task.FromResult(File.Exists(folder.File("bus"))), Bound, () => "the bus is there");
            return bus;
        }

        /// <summary>Says it until it is heard: the listener may still be connecting.</summary>
        public Task SendUntilAsync(bool isBeginning, Func<bool> fact) => Poll.UntilAsync(async () =>
        {
            (await Command.RunAsync("dbus-send", [$"--bus={Address}", "--type=signal", "/org/freedesktop/login1", "org.freedesktop.login1.Manager.PrepareForShutdown",
                $"boolean:{(isBeginning ? "true" : "false")}"], Bound)).Succeeded();
            return fact();
        }, Bound, () => $"the signal {isBeginning} is heard");

        public async ValueTask DisposeAsync()
        {
            daemon.Kill();
            await daemon.WaitForExitAsync().WaitAsync(Bound);
            daemon.Dispose();
        }
    }
}

/// <summary>A test that needs a bus of its own; skipped where there is none to start.</summary>
internal sealed class BusFactAttribute : FactAttribute
{
    public BusFactAttribute() => Skip = new[] { "busctl", "dbus-daemon", "dbus-send" }.All(p => File.Exists($"/usr/bin/{p}")) ? null : "There are no programs of a bus.";
}
