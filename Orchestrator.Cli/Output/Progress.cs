using Spectre.Console;

namespace Orchestrator.Cli.Output;

/// <summary>Shows on stderr what a command waits for: a spinner on a terminal, otherwise a line per change.</summary>
internal static class Progress
{
    public static async Task<T> WaitAsync<T>(CommandIo io, string first, Func<Action<string>, Task<T>> work)
    {
        if (!io.IsInteractive)
        {
            string? last = null;
            void Tell(string what)
            {
                if (what != last)
                {
                    io.Error.WriteLine(what);
                    last = what;
                }
            }

            Tell(first);
            return await work(Tell);
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(io.Error) });
        return await console.Status().StartAsync(Markup.Escape(first), c => work(what => c.Status(Markup.Escape(what))));
    }
}
