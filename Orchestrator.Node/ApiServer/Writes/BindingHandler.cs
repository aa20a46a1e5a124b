using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Discovery;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>POST of a pod's <c>binding</c>, or of a Binding with the pod's name: somebody else's scheduler chose a node.</summary>
internal sealed class BindingHandler(ObjectWriter writer)
{
    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        var isDryRun = Queries.IsDryRun(http);
        var body = Decoding.Document(await Decoding.ReadAsync(http).ConfigureAwait(false), Subresources.DocumentOf(request.Kind, "binding"));
        if ((string?)body["target"]?["name"] is not { Length: > 0 } node)
        {
            throw new ApiException(ApiReason.BadRequest, "target.name is required: the node to bind the pod to");
        }

        if ((request.Path.Name ?? (string?)body["metadata"]?["name"]) is not { Length: > 0 } pod)
        {
            throw new ApiException(ApiReason.BadRequest, "metadata.name is required: the pod to bind");
        }

        var command = new BindPod(PodDefinition.Instance.Key(request.Path.Namespace, pod), (string?)body["metadata"]?["uid"] ?? "", node, request.User);
        var reply = await writer.TellAsync(http, PodDefinition.Instance, command, isDryRun).ConfigureAwait(false);
        await StatusErrors.WriteJsonAsync(http, 201, StatusErrors.Success(request.Path, reply.Object!.Uid)).ConfigureAwait(false);
    }
}
