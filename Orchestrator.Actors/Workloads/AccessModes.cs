using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Workloads;

/// <summary>Access modes of volumes (Kubernetes, "Persistent Volumes", access modes).</summary>
internal static class AccessModes
{
    /// <summary>One pod alone uses the volume.</summary>
    public const string OnePod = "ReadWriteOncePod";

    /// <summary>All access modes.</summary>
    public static readonly string[] All = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", OnePod];

    /// <summary>Prints the short names of access modes, such as <c>RWO,ROX</c>.</summary>
    public static Column Column(string path) => new("Access Modes", r => string.Join(',', (r.At(path) as JsonArray ?? []).Select(m => (string?)m switch
    {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        var other => other,
    })));
}
