using System.Diagnostics;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Faults.Cluster;

/// <summary>The program in namespaces of its own: no packet leaves it, mounts are its own, and the kernel ends what it has started when it ends.</summary>
internal static class Apart
{
    private const string Variable = "ORCHESTRATOR_FAULTS_APART";

    /// <summary>Whether this process has the namespaces.</summary>
    public static bool IsHere => Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>Whether it can have them.</summary>
    public static bool IsPossible => Environment.IsPrivilegedProcess;

    /// <summary>Runs the program again, apart.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> RunAsync(IEnumerable<string> args)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Orchestrator.Faults");
        using var process = Process.Start(new ProcessStartInfo("unshare", ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", program, .. args])
        {
            Environment = { [Variable] = "1" },
        })!;
        Console.CancelKeyPress += (_, e) => e.Cancel = true; // It gets the signal too, and ends in order.
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>Makes loopback usable; to be called once, there.</summary>
    public static async Task PrepareAsync() => (await Command.RunAsync("ip", ["link", "set", "lo", "up"], TimeSpan.FromSeconds(10))).Succeeded();
}
