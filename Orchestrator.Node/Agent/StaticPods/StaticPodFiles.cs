using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Schema;
using Orchestrator.Node.Yaml;
using YamlDotNet.Core;

namespace Orchestrator.Node.Agent.StaticPods;

/// <summary>A pod that a file of the node asks for.</summary>
/// <param name="Key">The pod.</param>
/// <param name="Hash">Tells one content of the manifest from another.</param>
/// <param name="Object">The object to create.</param>
internal sealed record StaticPod(ObjectKey Key, string Hash, JsonObject Object);

/// <summary>Reads the manifests of static pods (Kubernetes, "Create static Pods"). Pure but for the files.</summary>
internal static class StaticPodFiles
{
    /// <summary>Annotation with the source of a pod.</summary>
    public const string Source = "kubernetes.io/config.source";

    /// <summary>Annotation with the hash of the manifest.</summary>
    public const string Hash = "kubernetes.io/config.hash";

    private const string Mirror = "kubernetes.io/config.mirror";
    private const int MaxBytes = 1536 * 1024;

    /// <summary>Reads all files of a folder whose names do not begin with a dot, in the order of their names.</summary>
    /// <param name="folder">The folder; one that is not there has no files.</param>
    /// <param name="node">Name of the node.</param>
    /// <returns>The pods, and what is wrong with files, each with the name of its file.</returns>
    public static (IReadOnlyList<StaticPod> Pods, IReadOnlyList<string> Wrong) Read(string folder, string node)
    {
        var (pods, wrong) = (new List<StaticPod>(), new List<string>());
        foreach (var file in Names(folder, wrong))
        {
            try
            {
                foreach (var pod in Text(file) is { } text ? YamlReader.Read(text, (field, _) => throw new FormatException($"{field} is there twice")).OfType<JsonNode>().Select(d => Pod(d, node)) : [])
                {
                    if (pods.Any(p => p.Key == pod.Key))
                    {
                        throw new FormatException($"another file has pod {pod.Key.Namespace}/{pod.Key.Name} too");
                    }

                    pods.Add(pod);
                }
            }
            catch (Exception e) when (e is FormatException or YamlException or IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                wrong.Add($"{Path.GetFileName(file)}: {e.Message}");
            }
        }

        return (pods, wrong);
    }

    /// <summary>Whether a pod was made of a file.</summary>
    public static bool IsStatic(KubeObject pod) => (string?)pod.ToNode()["metadata"]?["annotations"]?[Source] == "file";

    /// <summary>Whether annotations are those of a pod that was made of a file.</summary>
    public static bool IsStatic(IDictionary<string, string>? annotations) => annotations is not null && annotations.TryGetValue(Source, out var source) && source == "file";

    private static IEnumerable<string> Names(string folder, List<string> wrong)
    {
        try
        {
            return Directory.Exists(folder) ? [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Where(f => !Path.GetFileName(f).StartsWith('.'))] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            wrong.Add($"{folder}: {e.Message}");
            return [];
        }
    }

    // Null: it is gone again.
    private static string? Text(string file)
    {
        var info = new FileInfo(file);
        return !info.Exists ? null : info.Length <= MaxBytes ? File.ReadAllText(file) : throw new FormatException($"it has more than {MaxBytes / 1024} KiB");
    }

    private static StaticPod Pod(JsonNode document, string node)
    {
        if (document is not JsonObject pod || (string?)pod["kind"] != "Pod" || (string?)pod["apiVersion"] != "v1")
        {
            throw new FormatException("a static pod is an object of apiVersion v1 and kind Pod");
        }

        JsonMerge.WithoutNulls(pod);
        var report = SchemaCheck.Prune(PodDefinition.Instance.Schema, pod);
        if (report.Mismatch is { } mismatch || !report.Unknown.IsEmpty)
        {
            throw new FormatException(report.Mismatch ?? $"unknown field {report.Unknown[0]}");
        }

        var metadata = JsonFilling.Child(pod, "metadata");
        if ((string?)metadata["name"] is not { Length: > 0 } name || pod["spec"] is not JsonObject spec)
        {
            throw new FormatException("a static pod needs metadata.name and spec");
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(pod.ToJsonString())))[..32];
        var key = PodDefinition.Instance.Key((string?)metadata["namespace"] is { Length: > 0 } ns ? ns : null, $"{name}-{node}");
        (metadata["name"], metadata["namespace"]) = (key.Name, key.Namespace);
        var annotations = JsonFilling.Child(metadata, "annotations");
        (annotations[Source], annotations[Hash], annotations[Mirror]) = ("file", hash, hash);
        (spec["nodeName"], spec["automountServiceAccountToken"]) = (node, false);

        // It belongs to the node, whatever becomes of the node.
        if (spec["tolerations"] is not JsonArray tolerations)
        {
            spec["tolerations"] = tolerations = [];
        }

        tolerations.Add(new JsonObject { ["operator"] = "Exists", ["effect"] = "NoExecute" });
        return new StaticPod(key, hash, pod);
    }
}
