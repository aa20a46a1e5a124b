using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using YamlDotNet.Serialization;

namespace Orchestrator.Tests.Conformance.Containers;

/// <summary>A row of <c>pods.yaml</c>.</summary>
/// <param name="Name">Name of the pod.</param>
/// <param name="Row">The row.</param>
internal sealed record PodCase(string Name, JsonObject Row)
{
    /// <summary>The behaviours that it shows.</summary>
    public IEnumerable<string> Shows => Row["shows"]!.AsArray().Select(s => (string)s!);

    /// <summary>The objects that are there before.</summary>
    public IEnumerable<JsonObject> Objects => All("objects");

    /// <summary>What is changed while it runs.</summary>
    public IEnumerable<JsonObject> Then => All("then");

    /// <summary>The pod.</summary>
    public JsonObject Pod()
    {
        var main = new JsonObject { ["name"] = "main", ["image"] = SampleImage.First, ["imagePullPolicy"] = "IfNotPresent" };
        if ((string?)Row["run"] is { } script)
        {
            main["command"] = new JsonArray("sh", "-c", script.Replace("{name}", Name, StringComparison.Ordinal));
        }

        if (Row["volumes"] is JsonObject mounted)
        {
            main["volumeMounts"] = new JsonArray([.. mounted.Select(v => new JsonObject { ["name"] = v.Key, ["mountPath"] = $"/{v.Key}" })]);
        }

        Add(main, Row["container"]);
        var spec = new JsonObject { ["restartPolicy"] = "Never", ["terminationGracePeriodSeconds"] = 0 };
        Add(spec, Row["pod"]);
        spec["containers"] = new JsonArray([main, .. (spec["containers"] as JsonArray ?? []).Select(c => c!.DeepClone())]);
        if (Row["volumes"] is JsonObject volumes)
        {
            spec["volumes"] = new JsonArray([.. volumes.Select(v => Named(v.Key, v.Value!))]);
        }

        var metadata = new JsonObject { ["name"] = Name };
        Add(metadata, Row["metadata"]);
        return new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = metadata, ["spec"] = spec };
    }

    private static JsonObject Named(string name, JsonNode source)
    {
        var volume = new JsonObject { ["name"] = name };
        Add(volume, source);
        return volume;
    }

    private static void Add(JsonObject to, JsonNode? members)
    {
        foreach (var (key, value) in members as JsonObject ?? [])
        {
            to[key] = value?.DeepClone();
        }
    }

    private IEnumerable<JsonObject> All(string member) => (Row[member] as JsonArray ?? []).Select(o => o!.AsObject());
}

/// <summary>The rows of <c>pods.yaml</c>.</summary>
internal static class PodTable
{
    private static readonly Lazy<IReadOnlyList<PodCase>> Rows = new(Read);

    /// <summary>All rows.</summary>
    public static IReadOnlyList<PodCase> All => Rows.Value;

    private static IReadOnlyList<PodCase> Read()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "Orchestrator.Tests", "Conformance", "Containers", "pods.yaml"));
        var rows = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<object>(text);
        return [.. JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(rows))!.AsArray().Select((r, i) => new PodCase($"row-{i}", r!.AsObject()))];
    }
}
