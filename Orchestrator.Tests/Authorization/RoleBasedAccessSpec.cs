using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Authorization;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Authorization;

/// <summary>What roles and their bindings allow.</summary>
public sealed class RoleBasedAccessSpec
{
    private const string Robot = "system:serviceaccount:apps:robot";

    [Theory]
    [InlineData("""{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}""", "get /pods apps", true)]
    [InlineData("""{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}""", "list /pods apps", false)]
    [InlineData("""{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}""", "get apps/pods apps", false)]
    [InlineData("""{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}""", "get /pods/log apps", false)]
    [InlineData("""{"verbs":["get"],"apiGroups":[""],"resources":["pods/log"]}""", "get /pods/log apps", true)]
    [InlineData("""{"verbs":["get"],"apiGroups":[""],"resources":["pods/log"]}""", "get /pods apps", false)]
    [InlineData("""{"verbs":["get"],"apiGroups":["apps"],"resources":["*/scale"]}""", "get apps/deployments/scale apps", true)]
    [InlineData("""{"verbs":["get"],"apiGroups":["apps"],"resources":["*/scale"]}""", "get apps/deployments apps", false)]
    [InlineData("""{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}""", "delete apps/deployments/status apps", true)]
    [InlineData("""{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}""", "get /pods other", false)]
    [InlineData("""{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}""", "get /pods -", false)]
    [InlineData("""{"verbs":["get"],"apiGroups":[""],"resources":["pods"],"resourceNames":["web"]}""", "get /pods apps web", true)]
    [InlineData("""{"verbs":["get"],"apiGroups":[""],"resources":["pods"],"resourceNames":["web"]}""", "get /pods apps db", false)]
    [InlineData("""{"verbs":["list"],"apiGroups":[""],"resources":["pods"],"resourceNames":["web"]}""", "list /pods apps", false)]
    public void A_role_counts_in_its_namespace(string rule, string request, bool isAllowed)
    {
        var view = new View().With(Role("Role", "reader", "apps", rule), Binding("RoleBinding", "b", "apps", "Role", "reader", Account("apps", "robot")));
        Assert.Equal(isAllowed, Allows(view, request));
    }

    [Theory]
    [InlineData("RoleBinding", "get /pods apps", true)]
    [InlineData("RoleBinding", "get /pods other", false)]
    [InlineData("RoleBinding", "get /nodes -", false)]
    [InlineData("ClusterRoleBinding", "get /pods other", true)]
    [InlineData("ClusterRoleBinding", "get /nodes -", true)]
    public void A_cluster_role_counts_where_it_is_bound(string kind, string request, bool isAllowed)
    {
        var view = new View().With(Role("ClusterRole", "all", "", """{"verbs":["get"],"apiGroups":["*"],"resources":["*"]}"""),
            Binding(kind, "b", kind == "RoleBinding" ? "apps" : "", "ClusterRole", "all", Account("apps", "robot")));
        Assert.Equal(isAllowed, Allows(view, request));
    }

    [Theory]
    [InlineData("""{"kind":"ServiceAccount","name":"robot","namespace":"apps"}""", true)]
    [InlineData("""{"kind":"ServiceAccount","name":"robot","namespace":"other"}""", false)]
    [InlineData("""{"kind":"ServiceAccount","name":"robot"}""", false)]
    [InlineData("""{"kind":"User","name":"system:serviceaccount:apps:robot"}""", true)]
    [InlineData("""{"kind":"User","name":"robot"}""", false)]
    [InlineData("""{"kind":"Group","name":"system:serviceaccounts:apps"}""", true)]
    [InlineData("""{"kind":"Group","name":"system:authenticated"}""", true)]
    [InlineData("""{"kind":"Group","name":"system:serviceaccount:apps:robot"}""", false)]
    [InlineData("""{"kind":"Robot","name":"system:serviceaccount:apps:robot"}""", false)]
    public void A_binding_is_for_its_subjects(string subject, bool isAllowed)
    {
        var view = new View().With(Role("ClusterRole", "all", "", """{"verbs":["get"],"apiGroups":["*"],"resources":["*"]}"""), Binding("ClusterRoleBinding", "b", "", "ClusterRole", "all", subject));
        Assert.Equal(isAllowed, Allows(view, "get /pods apps"));
    }

    [Theory]
    [InlineData("/metrics", "/metrics", true)]
    [InlineData("/metrics", "/metrics/x", false)]
    [InlineData("/api/*", "/api/v1", true)]
    [InlineData("/api/*", "/apis", false)]
    [InlineData("*", "/backup", true)]
    public void Paths_are_allowed_by_cluster_roles(string rule, string path, bool isAllowed)
    {
        var view = new View().With(Role("ClusterRole", "p", "", $$"""{"verbs":["get"],"nonResourceURLs":["{{rule}}"]}"""), Binding("ClusterRoleBinding", "b", "", "ClusterRole", "p", Account("apps", "robot")));
        Assert.Equal(isAllowed, RoleBasedAccess.Allows(Robot, [], AccessRequest.OfPath("get", path), view));
    }

    [Fact]
    public void Without_a_role_nothing_is_allowed_and_masters_need_none()
    {
        var dangling = new View().With(Binding("ClusterRoleBinding", "b", "", "ClusterRole", "gone", Account("apps", "robot")), Binding("ClusterRoleBinding", "c", "", "Role", "gone", Account("apps", "robot")));
        Assert.False(Allows(dangling, "get /pods apps"));
        Assert.True(RoleBasedAccess.Allows("anna", ["system:masters"], Request("delete /nodes -"), new View()));
    }

    [Theory]
    [InlineData("create rbac.authorization.k8s.io/roles apps", "escalate roles.rbac.authorization.k8s.io")]
    [InlineData("patch rbac.authorization.k8s.io/clusterroles - x", "escalate clusterroles.rbac.authorization.k8s.io")]
    [InlineData("update rbac.authorization.k8s.io/rolebindings apps x", null)]
    [InlineData("delete rbac.authorization.k8s.io/roles apps x", null)]
    [InlineData("get rbac.authorization.k8s.io/roles apps x", null)]
    [InlineData("create /roles apps", null)]
    public void Whoever_writes_roles_needs_a_right_of_its_own(string request, string? further) =>
        Assert.Equal(further, RoleBasedAccess.Escalation(Request(request)) is { } more ? $"{more.Verb} {more.Resource}.{more.Group}" : null);

    [Theory]
    [InlineData("create rbac.authorization.k8s.io/rolebindings apps", "ClusterRole", "bind clusterroles.rbac.authorization.k8s.io apps view")]
    [InlineData("patch rbac.authorization.k8s.io/rolebindings apps x", "Role", "bind roles.rbac.authorization.k8s.io apps view")]
    [InlineData("update rbac.authorization.k8s.io/clusterrolebindings - x", "ClusterRole", "bind clusterroles.rbac.authorization.k8s.io  view")]
    [InlineData("delete rbac.authorization.k8s.io/rolebindings apps x", "Role", null)]
    [InlineData("create rbac.authorization.k8s.io/roles apps", "Role", null)]
    public void Whoever_writes_bindings_must_be_allowed_to_bind_the_role(string request, string kind, string? further)
    {
        var binding = new JsonObject { ["roleRef"] = new JsonObject { ["kind"] = kind, ["name"] = "view" } };
        Assert.Equal(further, RoleBasedAccess.Grant(Request(request), binding) is { } more ? $"{more.Verb} {more.Resource}.{more.Group} {more.Namespace} {more.Name}" : null);
        Assert.Equal(further is not null, RoleBasedAccess.IsGrant(Request(request)));
    }

    [Theory]
    [InlineData("view", "get /pods/log apps", true)]
    [InlineData("view", "list /secrets apps", false)]
    [InlineData("view", "get /pods/exec apps", false)]
    [InlineData("view", "create /pods apps", false)]
    [InlineData("view", "get /services/proxy apps", false)]
    [InlineData("edit", "get /services/proxy apps", true)]
    [InlineData("edit", "create /services/proxy apps", true)]
    [InlineData("edit", "create apps/deployments apps", true)]
    [InlineData("edit", "get /secrets apps", true)]
    [InlineData("edit", "create rbac.authorization.k8s.io/rolebindings apps", false)]
    [InlineData("edit", "update /resourcequotas apps", false)]
    [InlineData("edit", "get /endpoints apps", true)]
    [InlineData("edit", "update /endpoints apps", false)]
    [InlineData("admin", "create /endpoints apps", false)]
    [InlineData("admin", "create rbac.authorization.k8s.io/rolebindings apps", true)]
    [InlineData("admin", "bind rbac.authorization.k8s.io/clusterroles apps", false)]
    [InlineData("admin", "delete /nodes -", false)]
    [InlineData("cluster-admin", "escalate rbac.authorization.k8s.io/clusterroles -", true)]
    public void The_default_roles_are_those_of_Kubernetes(string role, string request, bool isAllowed)
    {
        var view = new View().With([.. DefaultRoles.All.Select(r => r.Object), Binding("ClusterRoleBinding", "mine", "", "ClusterRole", role, Account("apps", "robot"))]);
        Assert.Equal(isAllowed, Allows(view, request));
    }

    [Fact]
    public void Everybody_may_discover_and_nothing_else()
    {
        var view = new View().With([.. DefaultRoles.All.Select(r => r.Object)]);
        Assert.True(RoleBasedAccess.Allows(Robot, ["system:authenticated"], AccessRequest.OfPath("get", "/apis/apps/v1"), view));
        Assert.True(Allows(view, "create authentication.k8s.io/selfsubjectreviews -"));
        Assert.False(RoleBasedAccess.Allows(Robot, ["system:authenticated"], AccessRequest.OfPath("get", "/backup"), view));
        string[] verbs = ["get", "list", "create", "delete", "*"], kinds = ["/pods", "/secrets", "apps/deployments", "history.orchestrator.io/pods", "*/*"], spaces = ["apps", "kube-system", "-"];
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 2]).Sample((verb, kind, space) => !Allows(view, $"{verbs[verb]} {kinds[kind]} {spaces[space]}"));
    }

    private static bool Allows(View view, string request) =>
        RoleBasedAccess.Allows(Robot, ["system:serviceaccounts", "system:serviceaccounts:apps", "system:authenticated"], Request(request), view);

    // verb group/resource[/subresource] namespace [name]
    private static AccessRequest Request(string text)
    {
        var words = text.Split(' ');
        var parts = words[1].Split('/');
        return new AccessRequest(words[0], parts[0], parts[1], parts.ElementAtOrDefault(2) ?? "", words[2] == "-" ? "" : words[2], words.ElementAtOrDefault(3) ?? "");
    }

    private static string Account(string ns, string name) => $$"""{"kind":"ServiceAccount","name":"{{name}}","namespace":"{{ns}}"}""";

    private static JsonObject Role(string kind, string name, string ns, string rule) =>
        JsonNode.Parse($$"""{"kind":"{{kind}}","metadata":{"name":"{{name}}","namespace":"{{ns}}"},"rules":[{{rule}}]}""")!.AsObject();

    private static JsonObject Binding(string kind, string name, string ns, string roleKind, string role, string subject) =>
        JsonNode.Parse($$"""{"kind":"{{kind}}","metadata":{"name":"{{name}}","namespace":"{{ns}}"},"roleRef":{"kind":"{{roleKind}}","name":"{{role}}"},"subjects":[{{subject}}]}""")!.AsObject();

    private sealed class View : IAdmissionView
    {
        private readonly List<KubeObject> _objects = [];

        public View With(params ReadOnlySpan<JsonObject> objects)
        {
            foreach (var o in objects)
            {
                var name = (string?)o["kind"] ?? (o.ContainsKey("rules") ? "ClusterRole" : "ClusterRoleBinding");
                _objects.Add(KubeObject.From(BuiltIn.All.Single(k => k.Kind == name), o));
            }

            return this;
        }

        public IEnumerable<KubeObject> All(ResourceDefinition kind) => _objects.Where(o => o.Kind == kind);

        public IEnumerable<KubeObject> All(ResourceDefinition kind, string ns) => All(kind).Where(o => o.Namespace == ns);

        public KubeObject? Find(ObjectKey key) => _objects.FirstOrDefault(o => o.Key == key);
    }
}
