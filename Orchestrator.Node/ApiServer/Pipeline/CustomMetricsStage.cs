using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Api.Selectors;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Auth;
using Orchestrator.Node.ApiServer.CustomMetrics;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Pipeline;

/// <summary>Answers the groups <c>custom.metrics.k8s.io</c> and <c>external.metrics.k8s.io</c>: clients read values there, as from an adapter, and push them there.</summary>
internal sealed class CustomMetricsStage(ApiServices services) : IRequestStage
{
    public async Task HandleAsync(HttpContext http, RequestInfo request, NextStage next)
    {
        if (MetricsPath.Parse(request.Route) is not { } path)
        {
            await next(http, request).ConfigureAwait(false);
            return;
        }

        var isPush = path.Metric is null;
        if (!(isPush ? HttpMethods.IsPost(http.Request.Method) : HttpMethods.IsGet(http.Request.Method)))
        {
            http.Response.Headers.Allow = isPush ? "POST" : "GET";
            throw new ApiException(ApiReason.MethodNotAllowed, "the server does not allow this method on the requested resource");
        }

        var answer = isPush ? await PushAsync(http, request, path).ConfigureAwait(false)
            : path.Metric is "" ? MetricDocuments.Resources(path.IsExternal, services.PushedMetrics.Names, services.Cache.Registry)
            : path.IsExternal ? External(http, path)
            : await CustomAsync(http, path).ConfigureAwait(false);
        await StatusErrors.WriteJsonAsync(http, isPush ? StatusCodes.Status201Created : StatusCodes.Status200OK, answer).ConfigureAwait(false);
    }

    // This host takes them at once, so that who pushed reads what it pushed. The others get them by a message.
    private async Task<JsonObject> PushAsync(HttpContext http, RequestInfo request, MetricsPath path)
    {
        var now = services.Time.GetUtcNow();
        var push = MetricPush.Read(await Decoding.ReadAsync(http).ConfigureAwait(false), path, services.Cache.Registry, now);

        // A right in the namespace of the path is none on what is in no namespace.
        if (push.Values.Any(m => m.Namespace != path.Namespace))
        {
            await AuthorizationStage.CheckAsync(services, request.Identity, Access.Push(path, ""), http.RequestAborted).ConfigureAwait(false);
        }

        services.PushedMetrics.Take(push, now);
        services.MetricReceivers().Tell(push, Akka.Actor.ActorRefs.NoSender);
        return new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["code"] = StatusCodes.Status201Created };
    }

    private JsonObject External(HttpContext http, MetricsPath path)
    {
        var selector = Selector(http, "labelSelector");
        return MetricDocuments.External(services.PushedMetrics.Find("", path.Namespace, path.Metric!).Where(v => selector.Matches(v.Labels)));
    }

    private async Task<JsonObject> CustomAsync(HttpContext http, MetricsPath path)
    {
        var (objects, labels) = (Selector(http, "labelSelector"), Selector(http, "metricLabelSelector"));
        if (services.Cache.Registry.ByResource(path.Resource) is not { } kind || kind.Namespaced != path.Namespace.Length > 0)
        {
            throw Missing(path);
        }

        var values = services.PushedMetrics.Find(kind.Resource, path.Namespace, path.Metric!).Where(v => labels.Matches(v.Labels)).ToList();
        if (path.Name == "*")
        {
            var snapshot = await services.Cache.SnapshotAsync(kind, http.RequestAborted).ConfigureAwait(false);
            values.RemoveAll(v => snapshot.Find(path.Namespace, v.Name) is not { } found || !objects.Matches(found.Labels));
        }
        else
        {
            values.RemoveAll(v => v.Name != path.Name);
        }

        return values.Count > 0 ? MetricDocuments.Custom(values, kind) : throw Missing(path);
    }

    private static LabelSelector Selector(HttpContext http, string name) =>
        LabelSelector.Parse(http.Request.Query[name].ToString()) is { Selector: { } selector, Error: null } ? selector : throw new ApiException(ApiReason.BadRequest, $"{name}: it is not a selector");

    private static ApiException Missing(MetricsPath path) =>
        new(ApiReason.NotFound, $"the server could not find the metric {path.Metric} for {path.Resource}{(path.Name == "*" ? "" : $" {path.Name}")}");
}
