using k8s.Models;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.IPAddresses;

/// <summary>IPAddresses: record which object uses an address.</summary>
public static class IPAddressDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "networking.k8s.io",
        Kind = "IPAddress",
        Plural = "ipaddresses",
        Namespaced = false,
        Model = typeof(V1IPAddress),
        ShortNames = ["ip"],
        NameRule = AddressNames.Rule,
        Columns = [Column.Name, new("ParentRef", r => $"{r.Text("spec.parentRef.resource")}/{r.Text("spec.parentRef.namespace")}/{r.Text("spec.parentRef.name")}")],
        References = ParentRef.Of,
    };
}
