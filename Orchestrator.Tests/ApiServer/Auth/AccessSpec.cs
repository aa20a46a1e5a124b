using Microsoft.AspNetCore.Http;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Auth;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Tests.ApiServer.Auth;

/// <summary>What a request wants to do, in the words of rules.</summary>
public sealed class AccessSpec
{
    [Theory]
    [InlineData("GET", "/api/v1/namespaces/apps/pods", "list //pods apps ")]
    [InlineData("GET", "/api/v1/namespaces/apps/pods?watch=1", "watch //pods apps ")]
    [InlineData("GET", "/api/v1/pods", "list //pods  ")]
    [InlineData("GET", "/api/v1/namespaces/apps/pods/web/log", "get //pods/log apps web")]
    [InlineData("POST", "/apis/apps/v1/namespaces/apps/deployments", "create /apps/deployments apps ")]
    [InlineData("DELETE", "/apis/apps/v1/namespaces/apps/deployments", "deletecollection /apps/deployments apps ")]
    [InlineData("GET", "/apis/events.k8s.io/v1/namespaces/apps/events", "list /events.k8s.io/events apps ")]
    [InlineData("GET", "/api/v1/namespaces/apps", "get //namespaces apps apps")]
    [InlineData("GET", "/api/v1/nodes/n1", "get //nodes  n1")]
    [InlineData("POST", "/api/v1/namespaces/apps/serviceaccounts/robot/token", "create //serviceaccounts/token apps robot")]
    [InlineData("GET", "/api/v1/nodes/n1/proxy/stats/summary", "get //nodes/proxy  n1")]
    [InlineData("HEAD", "/api/v1/namespaces/apps/pods/web/proxy/x", "get //pods/proxy apps web")]
    [InlineData("POST", "/api/v1/namespaces/apps/services/https:web:api/proxy/x", "create //services/proxy apps https:web:api")]
    [InlineData("HEAD", "/api/v1/namespaces/apps/pods", "list //pods apps ")]
    [InlineData("HEAD", "/backup", "head path /backup")]
    [InlineData("GET", "/api/v1/namespaces/apps/pods?watch=1&fieldSelector=metadata.name%3Dweb", "watch //pods apps web")]
    [InlineData("GET", "/api/v1/namespaces/apps/pods?fieldSelector=status.phase%3DRunning,metadata.name%3D%3Dweb", "list //pods apps web")]
    [InlineData("GET", "/api/v1/namespaces/apps/pods?fieldSelector=metadata.name!%3Dweb", "list //pods apps ")]
    [InlineData("GET", "/api/v1/namespaces/apps/pods?fieldSelector=metadata.namespace%3Dapps", "list //pods apps ")]
    [InlineData("GET", "/api/v1/namespaces/apps/pods?fieldSelector=metadata.name%3Dweb,nonsense", "list //pods apps ")]
    [InlineData("DELETE", "/api/v1/namespaces/apps/pods?fieldSelector=metadata.name%3Dweb", "deletecollection //pods apps web")]
    [InlineData("POST", "/api/v1/namespaces/apps/pods?fieldSelector=metadata.name%3Dweb", "create //pods apps ")]
    [InlineData("GET", "/apis/history.orchestrator.io/v1/core/secrets/apps/key", "get /history.orchestrator.io/secrets apps key")]
    [InlineData("GET", "/apis/history.orchestrator.io/v1/apps/deployments/apps/web", "get /history.orchestrator.io/deployments apps web")]
    [InlineData("GET", "/apis/history.orchestrator.io/v1/core/nodes/-/n1", "get /history.orchestrator.io/nodes  n1")]
    [InlineData("POST", "/apis/custom.metrics.k8s.io/v1beta2/namespaces/apps", "create /custom.metrics.k8s.io/metrics apps ")]
    [InlineData("POST", "/apis/external.metrics.k8s.io/v1beta1/namespaces/apps", "create /external.metrics.k8s.io/metrics apps ")]
    [InlineData("GET", "/apis/custom.metrics.k8s.io/v1beta2/namespaces/apps/pods/*/m", "get /custom.metrics.k8s.io/pods/m apps *")]
    [InlineData("GET", "/api/v1/namespaces/apps/unknown/x", "get //unknown apps x")]
    [InlineData("GET", "/apis/apps/v1", "get path /apis/apps/v1")]
    [InlineData("GET", "/backup", "get path /backup")]
    public void It_is_read_from_method_and_path(string method, string url, string wanted)
    {
        var http = new DefaultHttpContext();
        http.Request.Method = method;
        http.Request.Path = url.Split('?')[0];
        http.Request.QueryString = new QueryString(url.Contains('?', StringComparison.Ordinal) ? url[url.IndexOf('?', StringComparison.Ordinal)..] : "");
        var access = Access.Of(RequestInfo.Of(http, new ResourceRegistry()));
        Assert.Equal(wanted, access.IsPath ? $"{access.Verb} path {access.Path}" : $"{access.Verb} /{access.Group}/{access.FullResource} {access.Namespace} {access.Name}");
    }

    [Theory]
    [InlineData("GET", "/api/v1/nodes/n1/proxy/stats/summary", "get nodes/stats n1")]
    [InlineData("GET", "/api/v1/nodes/n1/proxy//metrics//cadvisor/", "get nodes/metrics n1")]
    [InlineData("HEAD", "/api/v1/nodes/n1/proxy/metrics", "get nodes/metrics n1")]
    [InlineData("GET", "/api/v1/nodes/n1/proxy/healthz", "get nodes/healthz n1")]
    [InlineData("GET", "/api/v1/nodes/n1/proxy/pods", "get nodes/pods n1")]
    [InlineData("GET", "/api/v1/nodes/n1/proxy/run/x", null)]
    [InlineData("POST", "/api/v1/nodes/n1/proxy/stats/summary", null)]
    [InlineData("GET", "/api/v1/namespaces/a/pods/p/proxy/stats/summary", null)]
    [InlineData("GET", "/api/v1/nodes/n1", null)]
    public void For_a_page_of_a_node_a_narrower_right_is_enough(string method, string url, string? wanted)
    {
        var http = new DefaultHttpContext();
        (http.Request.Method, http.Request.Path) = (method, url);
        var access = Access.Narrower(RequestInfo.Of(http, new ResourceRegistry()));
        Assert.Equal(wanted, access is null ? null : $"{access.Verb} {access.FullResource} {access.Name}");
    }
}
