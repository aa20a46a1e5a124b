using System.Text.Json;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.Simulated;

/// <summary>What the containers of a simulated pod use, from the pod's annotations. They may change while it runs: <c>simulation.orchestrator.io/cpu: 200m</c> and
/// <c>simulation.orchestrator.io/memory: 64Mi</c> for each of its containers, or <c>cpu.simulation.orchestrator.io/NAME</c> for one of them.</summary>
internal sealed class SimulatedLoad
{
    private const string Domain = "simulation.orchestrator.io/";
    private const long DefaultMilliCpu = 1;
    private const long DefaultBytes = 1 << 20;
    private readonly Dictionary<string, Quantity> _said = [];

    private SimulatedLoad(KubeObject pod)
    {
        Revision = pod.Revision;
        using var document = JsonDocument.Parse(pod.Json);
        if (!document.RootElement.TryGetProperty("metadata", out var metadata) || !metadata.TryGetProperty("annotations", out var annotations) || annotations.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var annotation in annotations.EnumerateObject())
        {
            if (annotation.Name.Contains(Domain, StringComparison.Ordinal) && Read(annotation.Value) is { Nanos: var nanos } amount && nanos >= 0)
            {
                _said[annotation.Name] = amount;
            }
        }
    }

    /// <summary>Revision of the pod that says it.</summary>
    public long Revision { get; }

    /// <summary>Reads the annotations of a pod. An amount that is not a quantity counts as not said.</summary>
    public static SimulatedLoad Of(KubeObject pod) => new(pod);

    /// <summary>CPU use of a container in thousandths of a core.</summary>
    public long MilliCpu(string container) => Said("cpu", container) is { } cpu ? (long)(cpu.Nanos / 1_000_000) : DefaultMilliCpu;

    /// <summary>Working set of a container in bytes.</summary>
    public long MemoryBytes(string container) => Said("memory", container) is { } memory ? (long)(memory.Nanos / 1_000_000_000) : DefaultBytes;

    private static Quantity? Read(JsonElement value) => value.ValueKind == JsonValueKind.String ? Quantity.Read(value.GetString()!) : null;

    private Quantity? Said(string resource, string container) => _said.TryGetValue($"{resource}.{Domain}{container}", out var own) ? own
        : _said.TryGetValue($"{Domain}{resource}", out var each) ? each : null;
}
