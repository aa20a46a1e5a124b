using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Discovery;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>The scale of a workload: GET, PUT and PATCH. Writes nothing of the object but its number of replicas.</summary>
internal sealed class ScaleHandler(ApiServices services, ObjectWriter writer)
{
    public async Task GetAsync(HttpContext http, RequestInfo request) =>
        await AnswerAsync(http, request.Path, await writer.CurrentAsync(http, request).ConfigureAwait(false)).ConfigureAwait(false);

    public async Task ReplaceAsync(HttpContext http, RequestInfo request)
    {
        var scale = await Decoding.ReadAsync(http).ConfigureAwait(false);
        await StoreAsync(http, request, _ => scale).ConfigureAwait(false);
    }

    public async Task PatchAsync(HttpContext http, RequestInfo request)
    {
        var patch = await PatchBody.ReadAsync(http).ConfigureAwait(false);
        await StoreAsync(http, request, current => patch.Apply(Scale(current), Subresources.DocumentOf(request.Kind, "scale"))).ConfigureAwait(false);
    }

    private async Task StoreAsync(HttpContext http, RequestInfo request, Func<KubeObject, JsonNode?> read)
    {
        var report = FieldReport.Of(http);
        var stored = await writer.ChangeAsync(http, request, current =>
        {
            var wanted = Decoding.Document(read(current), Subresources.DocumentOf(request.Kind, "scale"));
            if ((string?)wanted["metadata"]?["name"] is { Length: > 0 } name && name != request.Path.Name)
            {
                throw new ApiException(ApiReason.BadRequest, "the name of the object does not match the name on the URL");
            }

            Versions.Check(current, wanted);
            var o = current.ToNode();
            request.Kind.ScalePaths.Set(o, Replicas(request.Path, wanted));
            Admission.Update(request.Kind, o, current, "", services.Cache, report);
            return o;
        }, "scaled").ConfigureAwait(false);
        await AnswerAsync(http, request.Path, stored).ConfigureAwait(false);
    }

    // As an object of its own kind, so that it is shown as a table like any other.
    private Task AnswerAsync(HttpContext http, ResourcePath path, KubeObject o) =>
        ObjectAnswer.WriteAsync(http, Subresources.DocumentOf(path.Kind, "scale"), KubeObject.From(Subresources.DocumentOf(path.Kind, "scale"), Scale(o)), services.Time.GetUtcNow());

    private static long Replicas(ResourcePath path, JsonObject scale)
    {
        var replicas = scale["spec"]?["replicas"].AsInt64() ?? 0; // Clients leave a zero out.
        if (replicas >= 0)
        {
            return replicas;
        }

        var causes = new FieldErrors();
        causes.Invalid("spec.replicas", replicas, "must be greater than or equal to 0");
        throw ApiException.Invalid(Subresources.DocumentOf(path.Kind, "scale"), path.Name, causes.All);
    }

    private static JsonObject Scale(KubeObject o)
    {
        var node = o.ToNode();
        var scale = Actors.Workloads.Scale.Of(node, o.Kind.ScalePaths);
        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = o.Name,
                ["namespace"] = o.Namespace,
                ["uid"] = o.Uid,
                ["resourceVersion"] = o.Revision.ToString(CultureInfo.InvariantCulture),
                ["creationTimestamp"] = node["metadata"]?["creationTimestamp"]?.DeepClone(),
            },
            ["spec"] = new JsonObject { ["replicas"] = scale.Replicas },
            ["status"] = new JsonObject { ["replicas"] = scale.StatusReplicas, ["selector"] = scale.Selector },
        };
    }
}
