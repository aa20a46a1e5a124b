using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Bindings;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Discovery;
using Orchestrator.Node.ApiServer.Reads;
using Orchestrator.Node.ApiServer.Requests;
using Orchestrator.Node.ApiServer.Watches;
using Orchestrator.Node.ApiServer.Writes;

namespace Orchestrator.Node.ApiServer;

/// <summary>From a resource's path and the request's method to the handler of the verb.</summary>
internal sealed class ResourceRouter
{
    private readonly GetHandler _get;
    private readonly ListHandler _list;
    private readonly WatchHandler _watch;
    private readonly LogHandler _log;
    private readonly CreateHandler _create;
    private readonly ReplaceHandler _replace;
    private readonly PatchHandler _patch;
    private readonly DeleteHandler _delete;
    private readonly BindingHandler _bind;
    private readonly FinalizeHandler _finalize;
    private readonly ScaleHandler _scale;

    public ResourceRouter(ApiServices services)
    {
        var writer = new ObjectWriter(services);
        _get = new GetHandler(services);
        _list = new ListHandler(services);
        _watch = new WatchHandler(services.Cache, services.Time);
        _log = new LogHandler(services);
        _create = new CreateHandler(services, writer);
        _replace = new ReplaceHandler(services, writer);
        _patch = new PatchHandler(services, writer);
        _delete = new DeleteHandler(services, writer);
        _bind = new BindingHandler(writer);
        _finalize = new FinalizeHandler(services, writer);
        _scale = new ScaleHandler(services, writer);
    }

    public Task HandleAsync(HttpContext http, ResourcePath path, UserInfo user)
    {
        if (Unserved.Subresource(path) is { } sentence)
        {
            throw new ApiException(ApiReason.MethodNotAllowed, sentence);
        }

        _ = TableOptions.Of(http); // A bad one refuses the request before anything is written.
        var allowed = Subresources.Methods(path);
        if (allowed.Contains(http.Request.Method))
        {
            return RunAsync(http, path, user);
        }

        http.Response.Headers.Allow = string.Join(", ", allowed);
        throw new ApiException(ApiReason.MethodNotAllowed, "the server does not allow this method on the requested resource");
    }

    private Task RunAsync(HttpContext http, ResourcePath path, UserInfo user) => (http.Request.Method, path.Name, path.Subresource) switch
    {
        ("GET", null, _) when Queries.IsWatch(http) => _watch.HandleAsync(http, path),
        ("GET", null, _) => _list.HandleAsync(http, path),
        ("GET", _, "scale") => _scale.GetAsync(http, path, user),
        ("GET", _, "log") => _log.HandleAsync(http, path, user),
        ("GET", _, "" or "status") => _get.HandleAsync(http, path, user),
        ("POST", null, "") when path.Kind == BindingDefinition.Instance => _bind.HandleAsync(http, path, user),
        ("POST", null, "") => _create.HandleAsync(http, path, user),
        ("POST", _, "binding") => _bind.HandleAsync(http, path, user),
        ("POST", _, "eviction") => _delete.HandleAsync(http, path, user),
        ("PUT", _, "finalize") => _finalize.HandleAsync(http, path, user),
        ("PUT", _, "scale") => _scale.ReplaceAsync(http, path, user),
        ("PATCH", _, "scale") => _scale.PatchAsync(http, path, user),
        ("PUT", not null, "" or "status") => _replace.HandleAsync(http, path, user),
        ("PATCH", not null, "" or "status") => _patch.HandleAsync(http, path, user),
        ("DELETE", not null, "") => _delete.HandleAsync(http, path, user),
        ("DELETE", null, "") => _delete.CollectionAsync(http, path, user),
        _ => throw new InvalidOperationException($"no handler for {http.Request.Method} {http.Request.Path}"),
    };
}
