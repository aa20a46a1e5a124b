using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>What a pod uses of quotas: itself, and the requests and limits of its containers, until it has ended (Kubernetes, "Resource Quotas"). Read once for pods
/// with equal specs.</summary>
internal static class PodQuotaUsage
{
    private static readonly ConditionalWeakTable<V1PodSpec, Pair> Known = [];

    // The containers must say how much they use of these if a quota bounds them.
    private static readonly string[] Said = ["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];

    /// <summary>Returns what a pod uses at a time.</summary>
    public static ObjectUsage Of(KubeObject pod, DateTimeOffset now)
    {
        var pair = Known.GetValue(PodSpecs.Of(pod), Read);
        return pod.Phase is "Succeeded" or "Failed" || (pod.IsDeleting && EndOf(pod) <= now) ? pair.Ended : pair.Active;
    }

    /// <summary>Returns when a pod that is being deleted counts no more, null for others: one that is not gone after twice its grace period, because nobody hears of
    /// its node, keeps no room from its successor.</summary>
    public static DateTimeOffset? EndOf(KubeObject pod) =>
        pod.IsDeleting && PodOutline.Of(pod) is { DeletionDue: { } due, DeletionGraceSeconds: var grace } ? new DateTimeOffset(due).AddSeconds(grace) : null;

    private static Pair Read(V1PodSpec spec)
    {
        var (requests, limits) = PodResources.Of(spec);
        foreach (var (name, overhead) in ResourceAmounts.Read(spec.Overhead))
        {
            requests.Add(name, overhead);
            if (limits.TryGetValue(name, out var limit) && limit.Nanos > 0)
            {
                limits.Add(name, overhead);
            }
        }

        var amounts = new ResourceAmounts { ["pods"] = Quantity.Of(1) };
        foreach (var (name, amount) in requests)
        {
            amounts[$"requests.{name}"] = amount;
            if (!name.Contains('/', StringComparison.Ordinal))
            {
                amounts[name] = amount;
            }
        }

        foreach (var (name, amount) in limits.Where(l => l.Key is "cpu" or "memory" or "ephemeral-storage"))
        {
            amounts[$"limits.{name}"] = amount;
        }

        var (scopes, priorityClass) = (ScopesOf(spec), spec.PriorityClassName ?? "");
        return new Pair(
            new ObjectUsage(amounts) { Scopes = scopes, PriorityClass = priorityClass, Lacking = LackingOf(spec) },
            new ObjectUsage(new ResourceAmounts()) { Scopes = scopes, PriorityClass = priorityClass });
    }

    private static ImmutableArray<string> ScopesOf(V1PodSpec spec)
    {
        ImmutableArray<string> scopes =
            [spec.ActiveDeadlineSeconds >= 0 ? "Terminating" : "NotTerminating", QosClass.Of(spec) == "BestEffort" ? "BestEffort" : "NotBestEffort"];
        return TermsOf(spec).Any(t => t.NamespaceSelector is not null || t.Namespaces is { Count: > 0 }) ? scopes.Add("CrossNamespacePodAffinity") : scopes;
    }

    private static IEnumerable<V1PodAffinityTerm> TermsOf(V1PodSpec spec)
    {
        var (near, apart) = (spec.Affinity?.PodAffinity, spec.Affinity?.PodAntiAffinity);
        return (near?.RequiredDuringSchedulingIgnoredDuringExecution ?? []).Concat(apart?.RequiredDuringSchedulingIgnoredDuringExecution ?? [])
            .Concat((near?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Select(p => p.PodAffinityTerm))
            .Concat((apart?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Select(p => p.PodAffinityTerm));
    }

    private static ImmutableSortedDictionary<string, string> LackingOf(V1PodSpec spec) => Said
        .Select(name => KeyValuePair.Create(name, string.Join(',', spec.All().Where(c => !Says(c, name)).Select(c => c.Name).Order(StringComparer.Ordinal))))
        .Where(p => p.Value.Length > 0).ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static bool Says(V1Container container, string name)
    {
        var list = name.StartsWith("limits.", StringComparison.Ordinal) ? container.Resources?.Limits : container.Resources?.Requests;
        return list?.ContainsKey(name[(name.LastIndexOf('.') + 1)..]) == true;
    }

    private sealed record Pair(ObjectUsage Active, ObjectUsage Ended);
}
