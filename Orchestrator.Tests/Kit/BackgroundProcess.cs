using System.Diagnostics;
using System.Text;

namespace Orchestrator.Tests.Kit;

/// <summary>A program that runs in the background while its output is read; killed when disposed.</summary>
internal sealed class BackgroundProcess : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly StringBuilder _output = new();
    private readonly Process _process;
    private readonly Task _reading;

    public BackgroundProcess(string program, IEnumerable<string> arguments)
    {
        _process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        _reading = ReadAsync();
    }

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Waits until the output satisfies a condition.</summary>
    public Task UntilAsync(Func<string, bool> fact) => Poll.UntilAsync(() => Task.FromResult(fact(Output)), Bound, () => $"the output; so far: {Output}");

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _reading.WaitAsync(Bound);
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new char[1024];
        int read;
        while ((read = await _process.StandardOutput.ReadAsync(buffer)) > 0)
        {
            lock (_output)
            {
                _output.Append(buffer, 0, read);
            }
        }
    }
}
