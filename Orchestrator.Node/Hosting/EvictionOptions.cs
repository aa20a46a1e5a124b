using Orchestrator.Node.Agent.Eviction;

namespace Orchestrator.Node.Hosting;

/// <summary>Reads the settings of <c>eviction</c>.</summary>
internal static class EvictionOptions
{
    private const string Amount = "must be a quantity such as 100Mi, a share such as 10%, or empty for none";

    /// <summary>Reads the settings.</summary>
    /// <param name="value">The text of a key below <c>eviction</c>.</param>
    /// <exception cref="FormatException">One is not valid; the message names it.</exception>
    public static EvictionSettings Read(Func<string, string> value)
    {
        var hard = EvictionWords.Signals.Select(s => Threshold(s, "hard", grace: null));
        var soft = EvictionWords.Signals.Select(s => Threshold(s, "soft", value($"soft-grace-period.{s.Name()}")));
        return new EvictionSettings([.. hard.Concat(soft).OfType<EvictionThreshold>()], Duration("max-pod-grace-period"), Duration("pressure-transition-period"));

        EvictionThreshold? Threshold(EvictionSignal signal, string kind, string? grace)
        {
            var text = value($"{kind}.{signal.Name()}");
            if (Given($"{kind}.{signal.Name()}", text) is not { } threshold)
            {
                return grace is { Length: > 0 } ? throw new FormatException($"eviction.soft-grace-period.{signal.Name()}: there is no soft threshold of that signal") : null;
            }

            var time = grace is null ? (TimeSpan?)null : NodeOptions.AtLeast(TimeSpan.FromTicks(1), $"eviction.soft-grace-period.{signal.Name()}", grace);
            return new EvictionThreshold(signal, threshold, time, Given($"minimum-reclaim.{signal.Name()}", value($"minimum-reclaim.{signal.Name()}")) ?? default);
        }

        TimeSpan Duration(string name) => NodeOptions.AtLeast(TimeSpan.Zero, $"eviction.{name}", value(name));
    }

    // Nothing and everything are no thresholds.
    private static EvictionAmount? Given(string name, string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        var amount = EvictionAmount.Parse(text) ?? throw new FormatException($"eviction.{name}: \"{text}\" {Amount}");
        return amount is { Number: 0, Percent: null or 0 or 100 } ? null : amount;
    }
}
