using System.Text.Json.Nodes;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>PUT of a namespace's <c>finalize</c>: takes over <c>spec.finalizers</c> alone.</summary>
internal sealed class FinalizeHandler(ApiServices services, ObjectWriter writer)
{
    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        var report = FieldReport.Of(http);
        var wanted = Decoding.Document(await Decoding.ReadAsync(http).ConfigureAwait(false), request.Kind);
        var stored = await writer.ChangeAsync(http, request, current =>
        {
            Versions.Check(current, wanted);
            var o = current.ToNode();
            o["spec"] = new JsonObject { ["finalizers"] = wanted["spec"]?["finalizers"]?.DeepClone() };
            Admission.Update(request.Kind, o, current, "", services.Cache, report);
            return o;
        }, "finalized").ConfigureAwait(false);
        await ObjectAnswer.WriteAsync(http, request.Path.Served, stored, services.Time.GetUtcNow()).ConfigureAwait(false);
    }
}
