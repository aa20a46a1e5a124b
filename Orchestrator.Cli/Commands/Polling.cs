using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary>Polls a condition with a timeout and shows progress.</summary>
internal static class Polling
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>Polls until nothing is missing. A timeout of zero means none.</summary>
    public static Task UntilAsync(CommandContext context, string first, TimeSpan bound, Func<Task<string?>> missing, string advice) =>
        Progress.WaitAsync(context.Io, first, async tell =>
        {
            var since = context.Io.Time.GetTimestamp();
            for (var pause = First; await missing() is { } what; pause = pause * 2 < Longest ? pause * 2 : Longest)
            {
                if (bound > TimeSpan.Zero && context.Io.Time.GetElapsedTime(since) > bound)
                {
                    throw new CliException($"Timed out after {Durations.Text(bound)}, still waiting {what}: {advice}");
                }

                tell($"Waiting {what}");
                await Task.Delay(pause, context.Io.Time, context.Cancellation);
            }

            return true;
        });
}
