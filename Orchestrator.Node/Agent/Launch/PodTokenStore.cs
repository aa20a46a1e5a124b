using System.Collections.Immutable;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>The tokens of one pod: asked for when a container needs them, all at once, and again before they expire.</summary>
/// <param name="ask">Asks the control hosts for the tokens of a pod.</param>
/// <param name="time">The clock.</param>
/// <remarks>Rules: Kubernetes, "Projected Volumes", serviceAccountToken: renewed when 80 % of the lifetime have passed, or after 24 hours.</remarks>
internal sealed class PodTokenStore(Func<PodManifest, CancellationToken, Task<PodTokens>> ask, TimeProvider time)
{
    private const double Renewed = 0.8;
    private static readonly TimeSpan Oldest = TimeSpan.FromHours(24);
    private static readonly TimeSpan Retry = TimeSpan.FromMinutes(1);
    private ImmutableArray<PodToken> _held = [];
    private bool _isWhole;

    /// <summary>When new tokens are due; null if there are none.</summary>
    public DateTimeOffset? Due { get; private set; }

    /// <summary>Returns the tokens of the pod.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="isUpdate">Whether it is for what runs, which keeps what its volumes show: then those that have expired are left out.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="LaunchException">There are none for a container that is to start: the pod is not known to be bound to this node, or nobody answers.</exception>
    public async Task<ImmutableArray<PodToken>> GetAsync(PodManifest pod, bool isUpdate, CancellationToken cancellation)
    {
        if (!(pod.Spec.Volumes ?? []).Any(VolumeManager.ShowsToken))
        {
            return [];
        }

        var now = time.GetUtcNow();
        if (Due > now && (isUpdate || _isWhole))
        {
            return _held;
        }

        var answer = await ask(pod, cancellation).ConfigureAwait(false);
        if (answer.Refusal is { } why)
        {
            // What is held may be good for a while yet.
            var good = _held.Where(t => t.Expires > now).ToImmutableArray();
            var isWhole = _isWhole && good.Length == _held.Length;
            if (!isUpdate && !isWhole)
            {
                throw new LaunchException($"no token of the service account: {why}");
            }

            (_held, _isWhole, Due) = (good, isWhole, now + Retry);
            return _held;
        }

        (_held, _isWhole) = (answer.Tokens, true);
        Due = _held.Min(t => now + Least((t.Expires - now) * Renewed, Oldest));
        return _held;
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
