using k8s.Models;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.ServiceAccounts;

/// <summary>ServiceAccounts.</summary>
public static class ServiceAccountDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Kind = "ServiceAccount",
        Plural = "serviceaccounts",
        Model = typeof(V1ServiceAccount),
        Facts = ServiceAccountSchema.Facts,
        ShortNames = ["sa"],
        Subresources = ["token"],
        Columns = [Column.Name, Column.Count("Secrets", "secrets"), Column.Age],
    };
}
