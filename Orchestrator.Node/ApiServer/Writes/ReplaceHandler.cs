using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>PUT of an object or of its status. A document that names no version is stored over whatever there is.</summary>
internal sealed class ReplaceHandler(ApiServices services, ObjectWriter writer)
{
    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        var report = FieldReport.Of(http);
        var o = Decoding.Object(await Decoding.ReadAsync(http, report.Duplicates).ConfigureAwait(false), request.Path, report);
        Decoding.CheckName(o, request.Path);
        var stored = await writer.ChangeAsync(http, request, current =>
        {
            Versions.Check(current, o);
            Admission.Update(request.Kind, o, current, request.Path.Subresource, services.Cache, report);
            GrantCheck.Check(request, o, services.Cache);
            ObjectSize.Check(request.Kind, o, current, http.Request.ContentLength);
            return o;
        }).ConfigureAwait(false);
        await ObjectAnswer.WriteAsync(http, request.Path.Served, stored, services.Time.GetUtcNow()).ConfigureAwait(false);
    }
}
