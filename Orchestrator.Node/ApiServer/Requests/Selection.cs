using Orchestrator.Actors.Api;
using Orchestrator.Actors.Api.Selectors;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Requests;

/// <summary>What the path and the selectors of the query choose.</summary>
internal static class Selection
{
    public static Func<KubeObject, bool> Of(HttpContext http, ResourcePath path)
    {
        var (labels, labelError) = LabelSelector.Parse(http.Request.Query["labelSelector"].ToString());
        var (fields, fieldError) = FieldSelector.Parse(path.Served, http.Request.Query["fieldSelector"].ToString());
        if ((labelError ?? fieldError) is { } error)
        {
            throw new ApiException(ApiReason.BadRequest, error);
        }

        Queries.CheckLabels(labels!);
        return o => (path.Namespace is null || o.Namespace == path.Namespace)
            && (path.Name is null || o.Name == path.Name)
            && labels!.Matches(o.Labels) && fields!.Matches(o);
    }

    /// <summary>Whether selectors choose among the objects of the path.</summary>
    public static bool HasSelectors(HttpContext http) =>
        http.Request.Query["labelSelector"].ToString().Length > 0 || http.Request.Query["fieldSelector"].ToString().Length > 0;
}
