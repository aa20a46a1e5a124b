using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Workloads;

/// <summary>Columns of volumes and claims that depend on more than a field.</summary>
internal static class VolumeColumns
{
    /// <summary>The phase, or that it is being deleted.</summary>
    public static readonly Column Status = new("Status", r => r.Object.IsDeleting ? "Terminating" : r.Text("status.phase") ?? "");

    /// <summary>A column of a claim that is empty until it names a volume.</summary>
    public static Column IfBound(Column column) => column with { Cell = r => r.Text("spec.volumeName") is { Length: > 0 } ? column.Cell(r) : "" };
}
