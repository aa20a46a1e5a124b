using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>PATCH of an object or of its status. Only a patch that sets a version loses against others; the rest is applied to what they wrote.</summary>
internal sealed class PatchHandler(ApiServices services, ObjectWriter writer)
{
    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        var report = FieldReport.Of(http);
        var patch = await PatchBody.ReadAsync(http, report.Duplicates).ConfigureAwait(false);
        var stored = await writer.ChangeAsync(http, request, current =>
        {
            var patched = Decoding.Object(patch.Apply(request.Path.Served.Show(current).ToNode(), request.Path.Served), request.Path, report);
            Decoding.CheckName(patched, request.Path);
            Versions.Check(current, patched);
            Admission.Update(request.Kind, patched, current, request.Path.Subresource, services.Cache, report);
            GrantCheck.Check(request, patched, services.Cache);
            ObjectSize.Check(request.Kind, patched, current, http.Request.ContentLength);
            return patched;
        }).ConfigureAwait(false);
        await ObjectAnswer.WriteAsync(http, request.Path.Served, stored, services.Time.GetUtcNow()).ConfigureAwait(false);
    }
}
