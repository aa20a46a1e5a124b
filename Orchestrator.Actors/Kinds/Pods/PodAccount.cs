using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.ServiceAccounts;
using Orchestrator.Actors.Resources;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Gives a new pod its ServiceAccount: the account's name, its imagePullSecrets unless the pod has some, and a volume with a token, the cluster's certificate and the namespace.</summary>
/// <remarks>Rules: Kubernetes, "Managing Service Accounts", admission controller ServiceAccount; "Configure Service Accounts for Pods", opting out.</remarks>
public static class PodAccount
{
    /// <summary>The account of pods that name none.</summary>
    public const string Default = "default";

    /// <summary>Name of the ConfigMap in each namespace that has the certificate of the API server's authority, under <see cref="RootKey"/>.</summary>
    public const string RootCertificates = "kube-root-ca.crt";

    /// <summary>Key of the certificate in <see cref="RootCertificates"/>, and name of the file.</summary>
    public const string RootKey = "ca.crt";

    private const string Folder = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string Automount = "automountServiceAccountToken";
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const long LeastUsualSeconds = 3600;
    private const long MountedSeconds = 3607;

    /// <summary>Completes a new pod.</summary>
    /// <param name="o">The pod. It is modified.</param>
    /// <param name="view">The cluster.</param>
    /// <returns>Why the pod is refused; null if it is not.</returns>
    internal static string? Admit(JsonObject o, IAdmissionView view)
    {
        var spec = (JsonObject)o["spec"]!;
        Set(spec, "serviceAccountName", (string?)spec["serviceAccount"] is { Length: > 0 } old ? old : Default);
        var (ns, name) = ((string?)o["metadata"]?["namespace"] ?? "", (string?)spec["serviceAccountName"] ?? Default);
        var account = view.Find(ServiceAccountDefinition.Instance.Key(ns, name));

        // That of a new namespace comes a moment after it.
        if (account is null && name != Default)
        {
            return $"error looking up service account {ns}/{name}: serviceaccount \"{name}\" not found";
        }

        if (account?.Outline(Choice.Of).PullSecrets is { } secrets && spec["imagePullSecrets"] is not JsonArray { Count: > 0 })
        {
            spec["imagePullSecrets"] = JsonNode.Parse(secrets);
        }

        if ((bool?)spec[Automount] ?? account?.Outline(Choice.Of).Mounts ?? true)
        {
            Mount(spec, name);
        }

        return null;
    }

    /// <summary>The tokens that the volumes of a pod show, by audience (empty for the API server) and lifetime in seconds.</summary>
    public static IEnumerable<(string Audience, long Seconds)> TokenSources(V1PodSpec spec) => (spec.Volumes ?? []).SelectMany(v => v.Projected?.Sources ?? [])
        .Select(s => s.ServiceAccountToken).OfType<V1ServiceAccountTokenProjection>().Select(SourceOf);

    /// <summary>Audience and lifetime that a source asks for.</summary>
    public static (string Audience, long Seconds) SourceOf(V1ServiceAccountTokenProjection source) => (source.Audience ?? "", source.ExpirationSeconds ?? LeastUsualSeconds);

    // A container that mounts something of its own there keeps it.
    private static void Mount(JsonObject spec, string account)
    {
        var volume = Mounted(spec) ?? $"kube-api-access-{Suffix(account)}";
        var isNeeded = false;
        foreach (var container in Items(spec, "initContainers").Concat(Items(spec, "containers")))
        {
            if (!Items(container, "volumeMounts").Any(m => (string?)m["mountPath"] == Folder))
            {
                isNeeded = true;
                List(container, "volumeMounts").Add(new JsonObject { ["name"] = volume, ["readOnly"] = true, ["mountPath"] = Folder });
            }
        }

        if (isNeeded && !Items(spec, "volumes").Any(v => (string?)v["name"] == volume))
        {
            List(spec, "volumes").Add(Volume(volume));
        }
    }

    // Of a pod that was made from the manifest of another one.
    private static string? Mounted(JsonObject spec) => Items(spec, "volumes").Select(v => (string?)v["name"]).FirstOrDefault(n => n?.StartsWith("kube-api-access-", StringComparison.Ordinal) == true);

    private static JsonObject Volume(string name) => new()
    {
        ["name"] = name,
        ["projected"] = new JsonObject
        {
            ["sources"] = new JsonArray(
                new JsonObject { ["serviceAccountToken"] = new JsonObject { ["expirationSeconds"] = MountedSeconds, ["path"] = "token" } },
                new JsonObject { ["configMap"] = new JsonObject { ["name"] = RootCertificates, ["items"] = new JsonArray(new JsonObject { ["key"] = RootKey, ["path"] = RootKey }) } },
                new JsonObject
                {
                    ["downwardAPI"] = new JsonObject
                    {
                        ["items"] = new JsonArray(new JsonObject { ["path"] = "namespace", ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace" } }),
                    },
                }),
            ["defaultMode"] = 0b110_100_100,
        },
    };

    private static JsonArray List(JsonObject parent, string name)
    {
        if (parent[name] is not JsonArray list)
        {
            parent[name] = list = [];
        }

        return list;
    }

    // Looks like Kubernetes', but is no random one, so that one admission serves all pods of a template: FNV-1a of the account.
    private static string Suffix(string account)
    {
        var hash = 2166136261u;
        foreach (var c in account)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return string.Create(5, hash, static (text, left) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = Alphabet[(int)(left % (uint)Alphabet.Length)];
                left /= (uint)Alphabet.Length;
            }
        });
    }

    // The Secrets as JSON; null if there are none.
    private sealed record Choice(bool? Mounts, string? PullSecrets)
    {
        public static Choice Of(KubeObject account)
        {
            var node = account.ToNode();
            return new Choice((bool?)node[Automount], node["imagePullSecrets"] is JsonArray { Count: > 0 } secrets ? secrets.ToJsonString() : null);
        }
    }
}
