using Orchestrator.Tests.Kit;
using Xunit.Abstractions;

namespace Orchestrator.Tests.Faults.Specs;

/// <summary>A small dose of the fault program: one host on SQLite is killed, ended, stopped, and its disk is full. ORCHESTRATOR_SEED says at which
/// moments.</summary>
public sealed class FaultDoseSpec(ITestOutputHelper log)
{
    private static readonly IReadOnlyList<string> Faults = ["kill", "term", "pause", "disk"];

    [RootFact]
    public async Task Every_promise_is_kept()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("ORCHESTRATOR_SEED"), out var given) ? given : 20261126;
        var lines = new StringWriter();
        var (evidence, checks) = await new FaultRun(new FaultOptions { Time = TimeSpan.FromSeconds(40), Faults = Faults, Seed = seed }, TextWriter.Synchronized(lines)).RunAsync(CancellationToken.None);
        var report = $"{lines}{Report.Of(evidence, checks)}";
        log.WriteLine(report);
        Assert.True(checks.All(c => c.Violations.Count == 0), report);
        Assert.True(evidence.Tries.Count > 1 && evidence.Operations.Count(o => o.Outcome == Outcome.Acknowledged && o.IsWrite) > 50, $"there was time for faults and writes: {report}");
    }
}
