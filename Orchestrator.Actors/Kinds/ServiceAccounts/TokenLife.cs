using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.ServiceAccounts;

/// <summary>Whether what a token depends on is still there. Pure.</summary>
/// <remarks>Rules: Kubernetes, "Managing Service Accounts": what is being deleted counts as gone a minute after its <c>deletionTimestamp</c>.</remarks>
public static class TokenLife
{
    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(60);

    /// <summary>Says why a token is not valid although it has not expired; null if it is.</summary>
    /// <param name="subject">Whom the token is for.</param>
    /// <param name="view">The cluster.</param>
    /// <param name="now">The time.</param>
    public static string? Ended(TokenSubject subject, IAdmissionView view, DateTimeOffset now) => Ended(view, ServiceAccountDefinition.Instance.Key(subject.Namespace, subject.Name), subject.Uid, now)
        ?? (subject.Bound is not { } bound ? null
            : KindOf(bound.Kind) is { } kind ? Ended(view, kind.Key(subject.Namespace, bound.Name), bound.Uid, now)
            : $"it is bound to a {bound.Kind}");

    /// <summary>The kind of objects that tokens can be bound to; null if they cannot.</summary>
    /// <param name="kind">Name of the kind, such as <c>Pod</c>.</param>
    public static ResourceDefinition? KindOf(string kind) => kind switch
    {
        "Pod" => PodDefinition.Instance,
        "Secret" => SecretDefinition.Instance,
        "Node" => NodeDefinition.Instance,
        _ => null,
    };

    /// <summary>Whether an object has been going for so long that no token depends on it any more.</summary>
    /// <param name="found">The object.</param>
    /// <param name="now">The time.</param>
    public static bool IsGoing(KubeObject found, DateTimeOffset now) =>
        found.IsDeleting && KubeTime.Read((string?)found.ToNode()["metadata"]?["deletionTimestamp"] ?? "") is { } at && at + Leeway < now;

    private static string? Ended(IAdmissionView view, ObjectKey key, string uid, DateTimeOffset now) => view.Find(key) switch
    {
        null => $"there is no {key} any more",
        var found when found.Uid != uid => $"{key} is another one now",
        var found when IsGoing(found, now) => $"{key} is being deleted",
        _ => null,
    };
}
