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

    /// <summary>When new tokens are due; null if there are none.</summary>
    public DateTimeOffset? Due { get; private set; }

    /// <summary>Returns the tokens of the pod.</summary>
    /// <exception cref="LaunchException">There are none: the pod is not known to be bound to this node, or nobody answers.</exception>
    public async Task<ImmutableArray<PodToken>> GetAsync(PodManifest pod, CancellationToken cancellation)
    {
        if (!(pod.Spec.Volumes ?? []).Any(VolumeManager.ShowsToken))
        {
            return [];
        }

        var now = time.GetUtcNow();
        if (Due > now)
        {
            return _held;
        }

        var answer = await ask(pod, cancellation).ConfigureAwait(false);
        if (answer.Refusal is { } why)
        {
            // What is held is good for a while yet.
            if (!_held.IsEmpty && _held.All(t => t.Expires > now))
            {
                Due = now + Retry;
                return _held;
            }

            throw new LaunchException($"no token of the service account: {why}");
        }

        _held = answer.Tokens;
        Due = _held.Min(t => now + Least((t.Expires - now) * Renewed, Oldest));
        return _held;
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
