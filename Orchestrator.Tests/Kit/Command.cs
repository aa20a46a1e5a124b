using System.Diagnostics;

namespace Orchestrator.Tests.Kit;

/// <summary>Result of a program.</summary>
internal sealed record CommandResult(string CommandLine, int ExitCode, string Output, string Error)
{
    /// <summary>The output; throws if the exit code is not 0.</summary>
    public string Succeeded() => EndedWith(0).Output;

    /// <summary>The result; throws with what the program wrote if the exit code is another one.</summary>
    public CommandResult EndedWith(int exitCode) => ExitCode == exitCode ? this
        : throw new InvalidOperationException($"{CommandLine} ended with {ExitCode}, not {exitCode}:{Environment.NewLine}{Output}{Error}");
}

/// <summary>Runs a program with a timeout.</summary>
internal static class Command
{
    public static async Task<CommandResult> RunAsync(
        string program, IEnumerable<string> arguments, TimeSpan bound, string? input = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var line = $"{Path.GetFileName(program)} {string.Join(' ', start.ArgumentList)}";
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{line} did not start.");
        using var time = new CancellationTokenSource(bound);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(time.Token);
            var error = process.StandardError.ReadToEndAsync(time.Token);
            await process.StandardInput.WriteAsync((input ?? "").AsMemory(), time.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(time.Token);
            return new CommandResult(line, process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{line} did not end within {bound.TotalSeconds:0} s.");
        }
    }
}
