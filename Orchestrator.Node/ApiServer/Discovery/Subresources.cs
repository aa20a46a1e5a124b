using System.Collections.Immutable;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Requests;
using k8s.Models;

namespace Orchestrator.Node.ApiServer.Discovery;

/// <summary>What discovery, OpenAPI and routing all say of resources and subresources.</summary>
internal static class Subresources
{
    /// <summary>What can be done with the objects of any kind.</summary>
    public static readonly string[] KindVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>The document that the body of a deletion is.</summary>
    public static readonly ResourceDefinition DeleteOptions = Body<V1DeleteOptions>("meta.k8s.io", "DeleteOptions");

    private static readonly string[] OfObject = ["GET", "PUT", "PATCH", "DELETE"];
    private static readonly string[] OfAllNamespaces = ["GET"];
    private static readonly string[] OfList = ["GET", "POST", "DELETE"];
    private static readonly ResourceDefinition Scale = Body<V1Scale>("autoscaling", "Scale",
        Column.Name, Column.Field("Desired", "spec.replicas", "0"), Column.Field("Available", "status.replicas", "0"), Column.Age);
    private static readonly ResourceDefinition Eviction = Body<V1Eviction>("policy", "Eviction");
    private static readonly ResourceDefinition Binding = Body<V1Binding>("", "Binding");

    /// <summary>What can be done with a subresource.</summary>
    public static string[] Verbs(string subresource) => subresource switch
    {
        "log" => ["get"],
        "binding" or "eviction" => ["create"],
        "finalize" => ["update"],
        _ => ["get", "patch", "update"],
    };

    /// <summary>The kind of a subresource's document: its own, or the object's.</summary>
    public static ResourceDefinition DocumentOf(ResourceDefinition kind, string subresource) => subresource switch
    {
        "scale" => Scale,
        "eviction" => Eviction,
        "binding" => Binding,
        _ => kind,
    };

    /// <summary>The kinds that are served only as documents of subresources.</summary>
    public static IEnumerable<ResourceDefinition> Documents(IEnumerable<ResourceDefinition> kinds) =>
        kinds.SelectMany(k => k.Subresources.Select(s => DocumentOf(k, s)).Where(d => d != k)).Distinct();

    /// <summary>The methods that a path takes.</summary>
    public static IReadOnlyList<string> Methods(ResourcePath path) => path switch
    {
        { Subresource.Length: > 0 } => [.. Verbs(path.Subresource).Select(Method)],
        { Name: not null } => OfObject,
        { Kind.Namespaced: true, Namespace: null } => OfAllNamespaces,
        _ => OfList,
    };

    private static string Method(string verb) => verb switch { "create" => "POST", "update" => "PUT", "patch" => "PATCH", _ => "GET" };

    private static ResourceDefinition Body<T>(string group, string kind, params ImmutableArray<Column> columns) =>
        new() { Group = group, Kind = kind, Plural = "", Model = typeof(T), Columns = columns.IsEmpty ? [Column.Name, Column.Age] : columns };
}
