using System.Collections.Immutable;
using Orchestrator.Actors.Kinds.Bindings;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Requests;
using k8s.Models;

namespace Orchestrator.Node.ApiServer.Discovery;

/// <summary>What discovery, OpenAPI and routing all say of resources and subresources.</summary>
internal static class Subresources
{
    /// <summary>The document that the body of a deletion is.</summary>
    public static readonly ResourceDefinition DeleteOptions = Body<V1DeleteOptions>("meta.k8s.io", "DeleteOptions");

    private static readonly string[] OfObject = ["get", "update", "patch", "delete"];
    private static readonly string[] OfAllNamespaces = ["list"];
    private static readonly string[] OfList = ["list", "create", "deletecollection"];
    private static readonly ResourceDefinition Scale = Body<V1Scale>("autoscaling", "Scale",
        Column.Name, Column.Field("Desired", "spec.replicas", "0"), Column.Field("Available", "status.replicas", "0"), Column.Age);
    private static readonly ResourceDefinition Eviction = Body<V1Eviction>("policy", "Eviction");
    private static readonly ResourceDefinition Token = Body<Authenticationv1TokenRequest>("authentication.k8s.io", "TokenRequest");

    /// <summary>What can be done with a subresource.</summary>
    public static string[] Verbs(string subresource) => subresource switch
    {
        "log" => ["get"],
        "proxy" => ["create", "delete", "get", "patch", "update"],
        "exec" or "attach" or "portforward" => ["create", "get"],
        "binding" or "eviction" or "token" or "images" => ["create"],
        "finalize" => ["update"],
        _ => ["get", "patch", "update"],
    };

    /// <summary>Whether a subresource is a connection to what the object stands for, and no document.</summary>
    public static bool IsConnection(string subresource) => subresource is "exec" or "attach" or "portforward" or "proxy";

    /// <summary>The kind of a subresource's document: its own, or the object's.</summary>
    public static ResourceDefinition DocumentOf(ResourceDefinition kind, string subresource) => subresource switch
    {
        "scale" => Scale,
        "eviction" => Eviction,
        "token" => Token,
        "binding" => BindingDefinition.Instance,
        _ => kind,
    };

    /// <summary>The kinds that are served only as documents of subresources.</summary>
    public static IEnumerable<ResourceDefinition> Documents(IEnumerable<ResourceDefinition> kinds) =>
        kinds.SelectMany(k => k.Subresources.Select(s => DocumentOf(k, s)).Where(d => d != k)).Distinct();

    /// <summary>Whether a path takes a verb. A watch is a list.</summary>
    public static bool Takes(ResourcePath path, string verb)
    {
        verb = verb == "watch" ? "list" : verb;
        return (Array.IndexOf(Candidates(path), verb) >= 0 && IsTaken(path, verb)) || (path.Subresource == "proxy" && verb is "head" or "options");
    }

    /// <summary>The methods that a path takes.</summary>
    public static IReadOnlyList<string> Methods(ResourcePath path) => [.. Candidates(path).Where(v => IsTaken(path, v)).Select(Method)];

    private static string[] Candidates(ResourcePath path) => path switch
    {
        { Subresource.Length: > 0 } => Verbs(path.Subresource),
        { Name: not null } => OfObject,
        { Kind.Namespaced: true, Namespace: null } => OfAllNamespaces,
        _ => OfList,
    };

    private static bool IsTaken(ResourcePath path, string verb) => path.Subresource.Length > 0 || path.Kind.Verbs.Contains(verb);

    /// <summary>The method of a verb.</summary>
    public static string Method(string verb) => verb switch { "create" => "POST", "update" => "PUT", "patch" => "PATCH", "delete" or "deletecollection" => "DELETE", _ => "GET" };

    private static ResourceDefinition Body<T>(string group, string kind, params ImmutableArray<Column> columns) =>
        new() { Group = group, Kind = kind, Plural = "", Model = typeof(T), Columns = columns.IsEmpty ? [Column.Name, Column.Age] : columns };
}
