using k8s.Models;
using Orchestrator.Actors.Kinds.CSIDrivers;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ServiceAccounts;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Issues the tokens that an agent needs for the volumes of a pod. An agent gets what the pod's spec says and nothing else, for pods that are bound to its node.</summary>
/// <remarks>Rules: Kubernetes, "Using Node Authorization", and "Projected Volumes", serviceAccountToken.</remarks>
internal static class PodTokenIssue
{
    /// <summary>Answers an agent.</summary>
    /// <param name="wanted">Which pod it is about; the node's name has been verified.</param>
    /// <param name="view">The cluster.</param>
    /// <param name="tokens">Issues the tokens.</param>
    /// <param name="now">The time.</param>
    public static PodTokens Answer(RequestPodTokens wanted, IAdmissionView view, IAccountTokens tokens, DateTimeOffset now)
    {
        if (view.Find(wanted.Pod) is not { } found || found.Uid != wanted.PodUid || found.NodeName != wanted.Node)
        {
            return Refused($"the pod {wanted.Pod.Namespace}/{wanted.Pod.Name} is not bound to node {wanted.Node}");
        }

        var spec = found.As<V1Pod>().Spec;
        var name = spec.ServiceAccountName is { Length: > 0 } said ? said : PodAccount.Default;
        if (view.Find(ServiceAccountDefinition.Instance.Key(found.Namespace, name)) is not { } account)
        {
            return Refused($"serviceaccount \"{name}\" not found");
        }

        var node = view.Find(NodeDefinition.Instance.Key(null, wanted.Node));
        var subject = new TokenSubject(found.Namespace, name, account.Uid, new BoundObject("Pod", found.Name, found.Uid), node is null ? null : new BoundObject("Node", node.Name, node.Uid));
        if (TokenLife.Ended(subject, view, now) is { } ended)
        {
            return Refused(ended);
        }

        return new PodTokens([.. PodAccount.TokenSources(spec).Concat(CsiTokens.Of(found, spec, view)).Distinct().Select(s => Issue(s.Audience, s.Seconds))], null);

        PodToken Issue(string audience, long seconds)
        {
            var issued = tokens.Issue(subject, audience.Length == 0 ? [] : [audience], TimeSpan.FromSeconds(seconds));
            return new PodToken(audience, seconds, issued.Text, issued.Expires);
        }
    }

    /// <summary>Answers a host that does not run the node's agent.</summary>
    public static PodTokens Stranger(RequestPodTokens wanted) => Refused($"the host that asks does not run the agent of node {wanted.Node}, or that is not attached yet");

    private static PodTokens Refused(string why) => new([], why);
}
