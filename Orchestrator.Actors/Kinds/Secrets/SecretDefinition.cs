using k8s.Models;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Secrets;

/// <summary>Secrets.</summary>
public static class SecretDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Kind = "Secret",
        Plural = "secrets",
        Model = typeof(V1Secret),
        Columns = [Column.Name, new("Type", r => r.As<V1Secret>().Type ?? SecretStrategy.Opaque), new("Data", r => r.As<V1Secret>().Data?.Count ?? 0), Column.Age],
        FieldLabels = [FieldLabel.Text("type")],
        Strategy = new SecretStrategy(),
    };
}
