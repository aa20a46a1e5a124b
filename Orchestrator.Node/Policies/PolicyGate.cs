using Akka.Actor;
using Orchestrator.Node.Network;

namespace Orchestrator.Node.Policies;

/// <summary>Where a pod waits until the NetworkPolicies that select it are in force, before anything of it runs.</summary>
internal sealed class PolicyGate
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private volatile IActorRef? _policies;

    /// <summary>Who answers.</summary>
    public void Open(IActorRef policies) => _policies = policies;

    /// <summary>Waits for a pod that has an address.</summary>
    /// <exception cref="NetworkException">They are not in force in time, or never on this node.</exception>
    public async Task PassAsync(string podUid, CancellationToken cancellation)
    {
        if (_policies is not { } policies)
        {
            return;
        }

        try
        {
            if ((await policies.Ask<PolicyActor.Guarded>(new PolicyActor.Guard(podUid), Bound, cancellation).ConfigureAwait(false)).Obstacle is { } obstacle)
            {
                throw new NetworkException(obstacle);
            }
        }
        catch (AskTimeoutException)
        {
            throw new NetworkException("the network policies of the pod are not in force yet: no control host has told them, or the packet rules of the host could not be written");
        }
    }
}
