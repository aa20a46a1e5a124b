using k8s.Models;

namespace Orchestrator.Actors.Scheduling.Constraints;

/// <summary>What a pod demands of the pods of other nodes.</summary>
internal sealed record PodConstraints
{
    /// <summary>Nothing: most pods.</summary>
    public static readonly PodConstraints None = new();

    /// <summary>Required affinity.</summary>
    public IReadOnlyList<PodTerm> Near { get; private init; } = [];

    /// <summary>Required anti-affinity.</summary>
    public IReadOnlyList<PodTerm> Apart { get; private init; } = [];

    /// <summary>Preferred affinity and anti-affinity.</summary>
    public IReadOnlyList<PodTerm> Preferred { get; private init; } = [];

    /// <summary>Topology spread constraints.</summary>
    public IReadOnlyList<SpreadTerm> Spread { get; private init; } = [];

    /// <summary>Whether it has affinity or anti-affinity to pods, which may concern pods that come later.</summary>
    public bool HasAffinity => Near.Count + Apart.Count + Preferred.Count > 0;

    /// <summary>Whether it demands nothing.</summary>
    public bool IsEmpty => !HasAffinity && Spread.Count == 0;

    /// <summary>Whether a spec may demand something.</summary>
    public static bool IsIn(V1PodSpec spec) => spec.Affinity is { PodAffinity: not null } or { PodAntiAffinity: not null } || spec.TopologySpreadConstraints is { Count: > 0 };

    /// <summary>Reads the constraints of a pod.</summary>
    public static PodConstraints Of(V1PodSpec spec, string ns, IReadOnlyDictionary<string, string> labels)
    {
        if (!IsIn(spec))
        {
            return None;
        }

        var (near, apart) = (spec.Affinity?.PodAffinity, spec.Affinity?.PodAntiAffinity);
        PodTerm Required(V1PodAffinityTerm term) => PodTerm.Of(term, ns, labels, 0);
        return new PodConstraints
        {
            Near = [.. (near?.RequiredDuringSchedulingIgnoredDuringExecution ?? []).Select(Required)],
            Apart = [.. (apart?.RequiredDuringSchedulingIgnoredDuringExecution ?? []).Select(Required)],
            Preferred =
            [
                .. (near?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Select(t => PodTerm.Of(t.PodAffinityTerm, ns, labels, t.Weight)),
                .. (apart?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Select(t => PodTerm.Of(t.PodAffinityTerm, ns, labels, -t.Weight)),
            ],
            Spread = [.. (spec.TopologySpreadConstraints ?? []).Select(c => SpreadTerm.Of(c, labels))],
        };
    }
}
