using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary><c>nodes/NAME/proxy/PATH</c>: shows a page of a node's agent, as the kubelet's own server has them: <c>stats/summary</c>, <c>metrics/resource</c>, <c>healthz</c>, … They can only be read.</summary>
internal sealed class NodeProxyHandler(ApiServices services)
{
    private const int AgentPort = 10250;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        if (request.Verb is not ("get" or "head"))
        {
            http.Response.Headers.Allow = "GET";
            throw new ApiException(ApiReason.MethodNotAllowed, "the pages of a node can only be read");
        }

        // The port of the kubelet is the one that a node is asked at.
        var target = ProxyTarget.Of(request.Path.Name!);
        if (target.Number is { } port && port != AgentPort)
        {
            throw new ApiException(ApiReason.BadRequest, $"nothing is passed on to port {port} of a node: leave it out, or use {AgentPort}");
        }

        var reply = await services.Store.SendAsync(new GetObject(NodeDefinition.Instance.Key(null, target.Name), request.User), http.RequestAborted).ConfigureAwait(false);
        var node = reply.Object ?? throw new ApiException(reply.Error!);
        var page = await AskAsync(node.Name, new GetNodePage(NodePagePath.Of(request.Route), http.Request.QueryString.Value ?? ""), http.RequestAborted).ConfigureAwait(false);
        http.Response.StatusCode = page.Status;
        http.Response.ContentType = page.ContentType;
        if (request.Verb == "get")
        {
            await http.Response.Body.WriteAsync(page.Body, http.RequestAborted).ConfigureAwait(false);
        }
    }

    private async Task<NodePage> AskAsync(string node, GetNodePage page, CancellationToken cancellation)
    {
        try
        {
            return await services.Gateway().Ask<object>(new ToNode(node, page), Bound, cancellation).ConfigureAwait(false) as NodePage
                ?? throw new ApiException(ApiReason.ServiceUnavailable, $"node {node} cannot be reached; try again when it is back");
        }
        catch (AskTimeoutException)
        {
            throw new ApiException(ApiReason.Timeout, $"node {node} did not answer in {Bound.TotalSeconds:0} s; try again");
        }
    }
}
