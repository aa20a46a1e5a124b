using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Bindings;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.SelfSubjectReviews;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Kinds.TokenReviews;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Auth;
using Orchestrator.Node.ApiServer.Discovery;
using Orchestrator.Node.ApiServer.Reads;
using Orchestrator.Node.ApiServer.Requests;
using Orchestrator.Node.ApiServer.Streams;
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
    private readonly CommandHandler _command;
    private readonly PortForwardHandler _forward;
    private readonly NodeProxyHandler _nodes;
    private readonly PodProxyHandler _pods;
    private readonly ServiceProxyHandler _services;
    private readonly CreateHandler _create;
    private readonly ReplaceHandler _replace;
    private readonly PatchHandler _patch;
    private readonly DeleteHandler _delete;
    private readonly EvictionHandler _evict;
    private readonly BindingHandler _bind;
    private readonly ImageLoadHandler _load;
    private readonly FinalizeHandler _finalize;
    private readonly ScaleHandler _scale;
    private readonly TokenHandler _token;
    private readonly ReviewHandler _review;
    private readonly AccessReviewHandler _access;

    public ResourceRouter(ApiServices services, Authenticator authenticator)
    {
        var writer = new ObjectWriter(services);
        _get = new GetHandler(services);
        _list = new ListHandler(services);
        _watch = new WatchHandler(services.Cache, services.Time);
        _log = new LogHandler(services);
        _command = new CommandHandler(services);
        _forward = new PortForwardHandler(services);
        _nodes = new NodeProxyHandler(services);
        var forwarder = new PodForwarder(services);
        _pods = new PodProxyHandler(services, forwarder);
        _services = new ServiceProxyHandler(services, forwarder);
        _create = new CreateHandler(services, writer);
        _replace = new ReplaceHandler(services, writer);
        _patch = new PatchHandler(services, writer);
        _delete = new DeleteHandler(services, writer);
        _evict = new EvictionHandler(services, writer);
        _bind = new BindingHandler(writer);
        _load = new ImageLoadHandler(services);
        _finalize = new FinalizeHandler(services, writer);
        _scale = new ScaleHandler(services, writer);
        _token = new TokenHandler(services, writer);
        _review = new ReviewHandler(authenticator);
        _access = new AccessReviewHandler(services);
    }

    public Task HandleAsync(HttpContext http, RequestInfo request)
    {
        if (!Subresources.IsConnection(request.Path.Subresource))
        {
            _ = TableOptions.Of(http); // A bad one refuses the request before anything is written.
        }

        if (Subresources.Takes(request.Path, request.Verb))
        {
            return RunAsync(http, request);
        }

        http.Response.Headers.Allow = string.Join(", ", Subresources.Methods(request.Path));
        throw new ApiException(ApiReason.MethodNotAllowed, "the server does not allow this method on the requested resource");
    }

    private Task RunAsync(HttpContext http, RequestInfo request) => (request.Verb, request.Path.Subresource) switch
    {
        ("watch", _) => _watch.HandleAsync(http, request.Path),
        ("list", _) => _list.HandleAsync(http, request.Path),
        ("get", "scale") => _scale.GetAsync(http, request),
        ("get" or "create", "exec" or "attach") => _command.HandleAsync(http, request),
        (_, "proxy") when request.Kind == NodeDefinition.Instance => _nodes.HandleAsync(http, request),
        (_, "proxy") when request.Kind == ServiceDefinition.Instance => _services.HandleAsync(http, request),
        (_, "proxy") => _pods.HandleAsync(http, request),
        ("get" or "create", "portforward") => _forward.HandleAsync(http, request),
        ("get", "log") => _log.HandleAsync(http, request),
        ("get", "" or "status" or "ephemeralcontainers" or "resize") => _get.HandleAsync(http, request),
        ("create", "") when request.Kind == BindingDefinition.Instance => _bind.HandleAsync(http, request),
        ("create", "") when request.Kind == TokenReviewDefinition.Instance => _review.TokenAsync(http, request),
        ("create", "") when request.Kind == SelfSubjectReviewDefinition.Instance => _review.SelfAsync(http, request),
        ("create", "") when request.Kind.Group == "authorization.k8s.io" => _access.HandleAsync(http, request),
        ("create", "") => _create.HandleAsync(http, request),
        ("create", "binding") => _bind.HandleAsync(http, request),
        ("create", "token") => _token.HandleAsync(http, request),
        ("create", "images") => _load.HandleAsync(http, request),
        ("create", "eviction") => _evict.HandleAsync(http, request),
        ("update", "finalize") => _finalize.HandleAsync(http, request),
        ("update", "scale") => _scale.ReplaceAsync(http, request),
        ("patch", "scale") => _scale.PatchAsync(http, request),
        ("update", "" or "status" or "ephemeralcontainers" or "resize") => _replace.HandleAsync(http, request),
        ("patch", "" or "status" or "ephemeralcontainers" or "resize") => _patch.HandleAsync(http, request),
        ("delete", "") => _delete.HandleAsync(http, request),
        ("deletecollection", "") => _delete.CollectionAsync(http, request),
        _ => throw new InvalidOperationException($"no handler for {http.Request.Method} {request.Route}"),
    };
}
