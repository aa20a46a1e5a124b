using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.ClusterRoleBindings;
using Orchestrator.Actors.Kinds.ClusterRoles;
using Orchestrator.Actors.Kinds.ServiceAccounts;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Authorization;

/// <summary>The roles and bindings that every cluster has (Kubernetes, "Using RBAC Authorization", default roles). An administrator may change or delete them;
/// those that are missing are created when a control host starts.</summary>
public static class DefaultRoles
{
    private const string Roles = "rbac.authorization.k8s.io";
    private static readonly string[] Read = ["get", "list", "watch"];
    private static readonly string[] Write = ["create", "delete", "deletecollection", "patch", "update"];

    private static readonly (string Group, string[] Resources)[] Viewed =
    [
        ("", ["bindings", "configmaps", "endpoints", "events", "limitranges", "namespaces", "namespaces/status", "persistentvolumeclaims", "persistentvolumeclaims/status", "pods", "pods/log",
            "pods/status", "replicationcontrollers", "replicationcontrollers/scale", "replicationcontrollers/status", "resourcequotas", "resourcequotas/status", "serviceaccounts", "services", "services/status"]),
        ("apps", ["controllerrevisions", "daemonsets", "daemonsets/status", "deployments", "deployments/scale", "deployments/status", "replicasets", "replicasets/scale", "replicasets/status",
            "statefulsets", "statefulsets/scale", "statefulsets/status"]),
        ("autoscaling", ["horizontalpodautoscalers", "horizontalpodautoscalers/status"]),
        ("batch", ["cronjobs", "cronjobs/status", "jobs", "jobs/status"]),
        ("discovery.k8s.io", ["endpointslices"]),
        ("events.k8s.io", ["events"]),
        ("metrics.k8s.io", ["pods"]),
        ("networking.k8s.io", ["ingresses", "ingresses/status", "networkpolicies"]),
        ("policy", ["poddisruptionbudgets", "poddisruptionbudgets/status"]),
    ];

    private static readonly (string Group, string[] Resources)[] Edited =
    [
        // Not endpoints: whoever writes them sends the traffic of others where no policy lets him (CVE-2021-25740).
        ("", ["configmaps", "events", "persistentvolumeclaims", "pods", "pods/attach", "pods/eviction", "pods/exec", "pods/portforward", "pods/proxy", "replicationcontrollers",
            "replicationcontrollers/scale", "secrets", "serviceaccounts", "serviceaccounts/token", "services", "services/proxy"]),
        ("apps", ["daemonsets", "deployments", "deployments/scale", "replicasets", "replicasets/scale", "statefulsets", "statefulsets/scale"]),
        ("autoscaling", ["horizontalpodautoscalers"]),
        ("batch", ["cronjobs", "jobs"]),
        ("coordination.k8s.io", ["leases"]),
        ("networking.k8s.io", ["ingresses", "networkpolicies"]),
        ("policy", ["poddisruptionbudgets"]),
    ];

    /// <summary>The roles and bindings.</summary>
    public static IEnumerable<(ObjectKey Key, JsonObject Object)> All
    {
        get
        {
            JsonNode[] view = [.. Viewed.Select(v => Rule(Read, v.Group, v.Resources))];
            JsonNode[] edit =
            [
                .. Viewed.Select(v => Rule(Read, v.Group, v.Resources)), .. Edited.Select(e => Rule(Write, e.Group, e.Resources)),
                Rule(Read, "", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"), Rule(Read, "coordination.k8s.io", "leases"),
            ];
            yield return Role("cluster-admin", Rule(["*"], "*", "*"), Paths("*", "*"));
            yield return Role("view", view);
            yield return Role("edit", edit);
            yield return Role("admin",
            [
                .. edit.Select(r => r.DeepClone()), Rule([.. Read, .. Write], Roles, "rolebindings", "roles"), Rule(["create"], "authorization.k8s.io", "localsubjectaccessreviews"),
            ]);
            yield return Role("system:discovery", Paths("get", "/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", "/version", "/version/", "/healthz", "/livez", "/readyz"));
            yield return Role("system:basic-user", Rule(["create"], "authorization.k8s.io", "selfsubjectaccessreviews", "selfsubjectrulesreviews"), Rule(["create"], "authentication.k8s.io", "selfsubjectreviews"));
            yield return Role("system:public-info-viewer", Paths("get", "/healthz", "/livez", "/readyz", "/version", "/version/"));
            yield return Role("system:service-account-issuer-discovery", Paths("get", "/.well-known/openid-configuration", "/openid/v1/jwks"));
            yield return Role("system:auth-delegator", Rule(["create"], "authentication.k8s.io", "tokenreviews"), Rule(["create"], "authorization.k8s.io", "subjectaccessreviews"));
            yield return Role("system:kubelet-api-admin", Rule(Read, "", "nodes"), Rule(["proxy"], "", "nodes"),
                Rule(["*"], "", "nodes/configz", "nodes/healthz", "nodes/log", "nodes/metrics", "nodes/pods", "nodes/proxy", "nodes/stats"));
            yield return Binding("cluster-admin", UserInfo.Masters);
            yield return Binding("system:discovery", UserInfo.Authenticated);
            yield return Binding("system:basic-user", UserInfo.Authenticated);
            yield return Binding("system:public-info-viewer", UserInfo.Authenticated);
            yield return Binding("system:service-account-issuer-discovery", TokenSubject.Group);
        }
    }

    private static (ObjectKey Key, JsonObject Object) Role(string name, params ReadOnlySpan<JsonNode> rules) =>
        Named(ClusterRoleDefinition.Instance, name, new JsonObject { ["rules"] = new JsonArray(rules) });

    private static (ObjectKey Key, JsonObject Object) Binding(string role, string group) => Named(ClusterRoleBindingDefinition.Instance, role, new JsonObject
    {
        ["roleRef"] = new JsonObject { ["apiGroup"] = Roles, ["kind"] = "ClusterRole", ["name"] = role },
        ["subjects"] = new JsonArray(new JsonObject { ["apiGroup"] = Roles, ["kind"] = "Group", ["name"] = group }),
    });

    private static (ObjectKey Key, JsonObject Object) Named(ResourceDefinition kind, string name, JsonObject o)
    {
        o["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" } };
        return (kind.Key(null, name), o);
    }

    private static JsonNode Rule(string[] verbs, string group, params string[] resources) =>
        new JsonObject { ["apiGroups"] = new JsonArray(group), ["resources"] = List(resources), ["verbs"] = List(verbs) };

    private static JsonNode Paths(string verb, params string[] paths) => new JsonObject { ["nonResourceURLs"] = List(paths), ["verbs"] = new JsonArray(verb) };

    private static JsonArray List(string[] texts) => new([.. texts.Select(t => JsonValue.Create(t))]);
}
