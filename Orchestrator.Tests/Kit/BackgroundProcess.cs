using System.Diagnostics;
using System.Text;

namespace Orchestrator.Tests.Kit;

/// <summary>A program that runs in the background while its output is read; killed when disposed.</summary>
internal sealed class BackgroundProcess : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Process _process;
    private readonly Task _reading;

    public BackgroundProcess(string program, IEnumerable<string> arguments)
    {
        _process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput, _output), ReadAsync(_process.StandardError, _errors));
    }

    public string Output => Text(_output);

    public string Errors => Text(_errors);

    /// <summary>Waits until the output satisfies a condition.</summary>
    public Task UntilAsync(Func<string, bool> fact) => Poll.UntilAsync(() => Task.FromResult(fact(Output)), Bound, () => $"the output; so far: {Output}{Errors}");

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _reading.WaitAsync(Bound);
        _process.Dispose();
    }

    private static string Text(StringBuilder from)
    {
        lock (from)
        {
            return from.ToString();
        }
    }

    private static async Task ReadAsync(StreamReader from, StringBuilder to)
    {
        var buffer = new char[1024];
        int read;
        while ((read = await from.ReadAsync(buffer)) > 0)
        {
            lock (to)
            {
                to.Append(buffer, 0, read);
            }
        }
    }
}
