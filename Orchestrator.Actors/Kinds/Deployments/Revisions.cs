using System.Globalization;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>Revision numbers and other annotations that a deployment keeps on its replica sets.</summary>
internal static class Revisions
{
    public const string Revision = "deployment.kubernetes.io/revision";
    public const string History = "deployment.kubernetes.io/revision-history";
    public const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    public const string MaxReplicas = "deployment.kubernetes.io/max-replicas";
    public const string ChangeCause = "kubernetes.io/change-cause";

    private static readonly HashSet<string> NotCopied = new(StringComparer.Ordinal)
    {
        "kubectl.kubernetes.io/last-applied-configuration", Revision, History, DesiredReplicas, MaxReplicas, "deprecated.deployment.rollback.to",
        AutoRollback.CompleteRevision, AutoRollback.From, AutoRollback.To, ConfigPace.Annotation,
    };

    public static long Of(V1ObjectMeta meta) => Number(meta.Annotations, Revision) ?? 0;

    public static long? Number(IDictionary<string, string>? annotations, string key) =>
        annotations is not null && annotations.TryGetValue(key, out var text)
        && long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The replica set with the template of the deployment; the oldest if there are several.</summary>
    public static V1ReplicaSet? Current(V1Deployment d, IEnumerable<V1ReplicaSet> owned) =>
        owned.OrderBy(r => r.Metadata.CreationTimestamp).ThenBy(r => r.Metadata.Name, StringComparer.Ordinal)
            .FirstOrDefault(r => TemplateHash.SameTemplate(r.Spec.Template, d.Spec.Template));

    /// <summary>Annotations the current replica set should carry for this revision.</summary>
    public static Dictionary<string, string> For(V1Deployment d, IDictionary<string, string>? existing, long revision)
    {
        var wanted = (d.Metadata.Annotations ?? new Dictionary<string, string>())
            .Where(a => !NotCopied.Contains(a.Key)).ToDictionary(a => a.Key, a => a.Value, StringComparer.Ordinal);
        var old = Number(existing, Revision);
        if (old is null || old < revision)
        {
            wanted[Revision] = Text(revision);
            if (old is not null)
            {
                var history = existing is not null && existing.TryGetValue(History, out var past) ? past + "," : "";
                wanted[History] = history + Text(old.Value);
            }
        }

        return wanted;
    }

    public static V1ReplicaSet NewReplicaSet(V1Deployment d, int? collisionCount, long revision)
    {
        var hash = TemplateHash.Of(d.Spec.Template, collisionCount);
        var template = Models.Copy(d.Spec.Template);
        template.Metadata ??= new V1ObjectMeta();
        template.Metadata.Labels ??= new Dictionary<string, string>();
        template.Metadata.Labels[TemplateHash.Label] = hash;
        var selector = Models.Copy(d.Spec.Selector);
        selector.MatchLabels ??= new Dictionary<string, string>();
        selector.MatchLabels[TemplateHash.Label] = hash;
        return new V1ReplicaSet
        {
            ApiVersion = "apps/v1",
            Kind = "ReplicaSet",
            Metadata = new V1ObjectMeta
            {
                Name = $"{d.Metadata.Name}-{hash}",
                NamespaceProperty = d.Metadata.NamespaceProperty,
                Labels = new Dictionary<string, string>(template.Metadata.Labels),
                Annotations = For(d, null, revision),
                OwnerReferences = [ControllerRefs.ReferenceTo("apps/v1", "Deployment", d.Metadata)],
            },
            Spec = new V1ReplicaSetSpec { Replicas = 0, MinReadySeconds = d.Spec.MinReadySeconds, Selector = selector, Template = template },
        };
    }
}
