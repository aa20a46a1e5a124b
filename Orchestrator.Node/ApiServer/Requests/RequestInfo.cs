using Orchestrator.Actors.Api;
using Orchestrator.Actors.Api.Selectors;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Auth;

namespace Orchestrator.Node.ApiServer.Requests;

/// <summary>What a request asks for and who asks (Kubernetes' RequestInfo). Each stage of the pipeline gets it from the one before.</summary>
/// <param name="Route">The path of the URL.</param>
/// <param name="Verb">What is to be done: <c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c>, <c>delete</c> or
/// <c>deletecollection</c> for objects; the method in lower case for every other path.</param>
/// <param name="Resource">The objects that are asked for; null for every other path.</param>
internal sealed record RequestInfo(string Route, string Verb, ResourcePath? Resource)
{
    private readonly Identity? _identity;

    /// <summary>The objects that are asked for, where there are some.</summary>
    public ResourcePath Path => Resource ?? throw new InvalidOperationException($"{Route} is not the path of a resource.");

    /// <summary>The kind of the objects as it is stored.</summary>
    public ResourceDefinition Kind => Path.Kind;

    /// <summary>The one name that a field selector leaves of a collection that is listed, watched or deleted; empty if there is none.</summary>
    public string SelectedName { get; private init; } = "";

    /// <summary>Who asks; known after authentication.</summary>
    public Identity Identity
    {
        get => _identity ?? throw new InvalidOperationException($"Nobody is authenticated for {Route}.");
        init => _identity = value;
    }

    /// <summary>Who asks, as the journal records it.</summary>
    public UserInfo User => Identity.User;

    /// <summary>Whether it is a plain GET of something that is not an object.</summary>
    public bool IsGet => Verb == "get" && Resource is null;

    /// <summary>Reads a request.</summary>
    public static RequestInfo Of(HttpContext http, ResourceRegistry registry)
    {
        var route = http.Request.Path.Value ?? "/";
        var resource = ResourcePath.Parse(route, registry);
        var verb = VerbOf(http, resource);
        var selected = verb is "list" or "watch" or "deletecollection" ? FieldSelector.Parse(resource!.Served, http.Request.Query["fieldSelector"].ToString()).Selector?.Name : null;
        return new RequestInfo(route, verb, resource) { SelectedName = selected ?? "" };
    }

    private static string VerbOf(HttpContext http, ResourcePath? resource) => (http.Request.Method, resource) switch
    {
        ("GET", { Name: null }) => Queries.IsWatch(http) ? "watch" : "list",
        ("POST", not null) => "create",
        ("PUT", not null) => "update",
        ("DELETE", { Name: null }) => "deletecollection",
        ("GET", _) => "get",
        ("HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" or "OPTIONS", _) => http.Request.Method.ToLowerInvariant(),

        // A method of the client's own making must not become a verb.
        _ => "other",
    };
}
