using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>PUT of an object or of its status. A document that names no version is stored over whatever there is.</summary>
internal sealed class ReplaceHandler(ApiServices services, ObjectWriter writer)
{
    public async Task HandleAsync(HttpContext http, ResourcePath path, UserInfo user)
    {
        var report = FieldReport.Of(http);
        var o = Decoding.Object(await Decoding.ReadAsync(http, report.Duplicates).ConfigureAwait(false), path, report);
        Decoding.CheckName(o, path);
        var stored = await writer.ChangeAsync(http, path, user, current =>
        {
            Versions.Check(current, o);
            Admission.Update(path.Kind, o, current, path.Subresource, report);
            return o;
        }).ConfigureAwait(false);
        await ObjectAnswer.WriteAsync(http, path.Served, stored, services.Time.GetUtcNow()).ConfigureAwait(false);
    }
}
