using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>PATCH of an object or of its status. Only a patch that sets a version loses against others; the rest is applied to what they wrote.</summary>
internal sealed class PatchHandler(ApiServices services, ObjectWriter writer)
{
    public async Task HandleAsync(HttpContext http, ResourcePath path, UserInfo user)
    {
        var report = FieldReport.Of(http);
        var patch = await PatchBody.ReadAsync(http, report.Duplicates).ConfigureAwait(false);
        var stored = await writer.ChangeAsync(http, path, user, current =>
        {
            var patched = Decoding.Object(patch.Apply(path.Served.Show(current).ToNode(), path.Served), path, report);
            Decoding.CheckName(patched, path);
            Versions.Check(current, patched);
            Admission.Update(path.Kind, patched, current, path.Subresource, report);
            return patched;
        }).ConfigureAwait(false);
        await ObjectAnswer.WriteAsync(http, path.Served, stored, services.Time.GetUtcNow()).ConfigureAwait(false);
    }
}
