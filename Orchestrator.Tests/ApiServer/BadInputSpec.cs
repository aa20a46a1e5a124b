using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.ApiServer;

/// <summary>Requests that a real process must refuse: with the right code, reason and field, and without storing anything.</summary>
public sealed class BadInputSpec : IAsyncLifetime
{
    private const string Json = "application/json";
    private const string Merge = "application/merge-patch+json";
    private const string JsonPatch = "application/json-patch+json";
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private const string Secrets = "/api/v1/namespaces/default/secrets";
    private const string Services = "/api/v1/namespaces/default/services";

    private NodeProcess? _node;

    /// <summary>One row of the table.</summary>
    private sealed record Row(string Name, string Method, string Path, string? Type, string Body, int Code, string Reason, string Field = "");

    private static IEnumerable<Row> Rows()
    {
        // What is no readable object.
        yield return new("truncated JSON", "POST", Maps, Json, """{"kind":"ConfigMap","metadata":{"name":"x" """, 400, "BadRequest");
        yield return new("trailing text", "POST", Maps, Json, """{"metadata":{"name":"x"}} x""", 400, "BadRequest");
        yield return new("empty body", "POST", Maps, Json, "", 400, "BadRequest");
        yield return new("an array", "POST", Maps, Json, "[]", 400, "BadRequest");
        yield return new("null", "POST", Maps, Json, "null", 400, "BadRequest");
        yield return new("too deep", "POST", Maps, Json, new string('[', 5000), 400, "BadRequest");
        yield return new("half a surrogate", "POST", Maps, Json, """{"metadata":{"name":"x"},"data":{"a":"\ud800"}}""", 400, "BadRequest");
        yield return new("broken YAML", "POST", Maps, "application/yaml", "a: [", 400, "BadRequest");
        yield return new("alias bomb", "POST", Maps, "application/yaml", Bomb(), 400, "BadRequest");
        yield return new("too large", "POST", Maps, Json, $$"""{"metadata":{"name":"x"},"data":{"a":"{{new string('a', 3 * 1024 * 1024)}}"} }""", 413, "RequestEntityTooLarge");
        yield return new("form body", "POST", Maps, "application/x-www-form-urlencoded", "a=b", 415, "UnsupportedMediaType");
        yield return new("another kind", "POST", Maps, Json, """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"}}""", 400, "BadRequest");

        // Strict decoding and types.
        yield return new("unknown field, strict", "POST", $"{Pods}?fieldValidation=Strict", Json, Pod("\"imag\":\"a\""), 400, "BadRequest");
        yield return new("duplicate field, strict", "POST", $"{Maps}?fieldValidation=Strict", Json, """{"metadata":{"name":"x"},"data":{"a":"1","a":"2"}}""", 400, "BadRequest");
        yield return new("unknown fieldValidation", "POST", $"{Maps}?fieldValidation=Loose", Json, """{"metadata":{"name":"x"}}""", 422, "Invalid", "fieldValidation");
        yield return new("text for a number", "POST", Deployments, Json, Deployment("\"replicas\":\"three\""), 400, "BadRequest");
        yield return new("number for a text", "POST", Maps, Json, """{"metadata":{"name":"x"},"data":{"a":1}}""", 400, "BadRequest");
        yield return new("fraction for a number", "POST", Deployments, Json, Deployment("\"replicas\":1.5"), 400, "BadRequest");
        yield return new("list for an object", "POST", Maps, Json, """{"metadata":[]}""", 400, "BadRequest");
        yield return new("no quantity", "POST", Pods, Json, Pod("\"resources\":{\"limits\":{\"cpu\":\"much\"}}"), 400, "BadRequest");
        yield return new("no base64", "POST", Secrets, Json, """{"metadata":{"name":"x"},"data":{"a":"%%%"}}""", 400, "BadRequest");

        // Ingresses and their classes.
        const string ingresses = "/apis/networking.k8s.io/v1/namespaces/default/ingresses", classes = "/apis/networking.k8s.io/v1/ingressclasses", web = """{"service":{"name":"web","port":{"number":80}}}""";
        string Ingress(string spec, string meta = "") => $$"""{"metadata":{"name":"x"{{meta}} },"spec":{ {{spec}} } }""";
        string Rule(string host, string path = "/", string type = "Prefix", string backend = web) => Ingress($$"""
            "rules":[{"host":"{{host}}","http":{"paths":[{"path":"{{path}}","pathType":"{{type}}","backend":{{backend}} }]} }]
            """);
        const string first = "spec.rules[0].http.paths[0]";
        yield return new("ingress of nothing", "POST", ingresses, Json, Ingress(""), 422, "Invalid", "spec");
        yield return new("ingress without paths", "POST", ingresses, Json, Ingress("""
            "rules":[{"http":{"paths":[]}}]
            """), 422, "Invalid", "spec.rules[0].http.paths");
        foreach (var host in new[] { "10.1.0.1", "a_b", "Web.example.com", "web.example.com:80", "*", "a.*.com", "*.", "**.com" })
        {
            yield return new($"ingress for {host}", "POST", ingresses, Json, Rule(host), 422, "Invalid", "spec.rules[0].host");
        }

        foreach (var path in new[] { "web", "", "/a//b", "/a/./b", "/a/../b", "/a%2fb", "/a%2Fb", "/a/..", "/a/." })
        {
            yield return new($"ingress path \"{path}\"", "POST", ingresses, Json, Rule("a.com", path), 422, "Invalid", $"{first}.path");
        }

        yield return new("relative ingress path", "POST", ingresses, Json, Rule("a.com", "web", "ImplementationSpecific"), 422, "Invalid", $"{first}.path");
        yield return new("ingress path of a strange type", "POST", ingresses, Json, Rule("a.com", "/", "Regex"), 422, "Invalid", $"{first}.pathType");
        yield return new("ingress path without a type", "POST", ingresses, Json, Rule("a.com").Replace("\"pathType\":\"Prefix\",", "", StringComparison.Ordinal), 422, "Invalid", $"{first}.pathType");
        yield return new("ingress without a backend", "POST", ingresses, Json, Rule("a.com", backend: "{}"), 422, "Invalid", $"{first}.backend");
        yield return new("ingress with two backends", "POST", ingresses, Json, Rule("a.com", backend: """{"service":{"name":"web","port":{"number":80}},"resource":{"kind":"A","name":"a"}}"""), 422, "Invalid", $"{first}.backend");
        yield return new("ingress to no port", "POST", ingresses, Json, Rule("a.com", backend: """{"service":{"name":"web"}}"""), 422, "Invalid", $"{first}.backend");
        yield return new("ingress to two ports", "POST", ingresses, Json, Rule("a.com", backend: """{"service":{"name":"web","port":{"number":80,"name":"http"}}}"""), 422, "Invalid", $"{first}.backend");
        yield return new("ingress to a far port", "POST", ingresses, Json, Rule("a.com", backend: """{"service":{"name":"web","port":{"number":70000}}}"""), 422, "Invalid", $"{first}.backend.service.port.number");
        yield return new("ingress to a bad port name", "POST", ingresses, Json, Rule("a.com", backend: """{"service":{"name":"web","port":{"name":"a_b"}}}"""), 422, "Invalid", $"{first}.backend.service.port.name");
        yield return new("ingress to a bad service", "POST", ingresses, Json, Rule("a.com", backend: """{"service":{"name":"Web","port":{"number":80}}}"""), 422, "Invalid", $"{first}.backend.service.name");
        yield return new("ingress to a nameless resource", "POST", ingresses, Json, Ingress("""
            "defaultBackend":{"resource":{"kind":"Bucket","name":""}}
            """), 422, "Invalid", "spec.defaultBackend.resource.name");
        yield return new("ingress with a bad TLS host", "POST", ingresses, Json, Ingress($$"""
            "defaultBackend":{{web}},"tls":[{"hosts":["a.com","a_b"]}]
            """), 422, "Invalid", "spec.tls[0].hosts[1]");
        yield return new("ingress with a bad secret", "POST", ingresses, Json, Ingress($$"""
            "defaultBackend":{{web}},"tls":[{"secretName":"A_"}]
            """), 422, "Invalid", "spec.tls[0].secretName");
        yield return new("ingress of a bad class", "POST", ingresses, Json, Ingress($$"""
            "defaultBackend":{{web}},"ingressClassName":"A_"
            """), 422, "Invalid", "spec.ingressClassName");
        yield return new("ingress of two classes", "POST", ingresses, Json, Ingress($$"""
            "defaultBackend":{{web}},"ingressClassName":"a"
            """, """
            ,"annotations":{"kubernetes.io/ingress.class":"b"}
            """), 422, "Invalid", "metadata.annotations[kubernetes.io/ingress.class]");
        foreach (var controller in new[] { "", "acme", "acme/", "/foo", "a_b/foo" })
        {
            yield return new($"ingress class of \"{controller}\"", "POST", classes, Json, $$"""{"metadata":{"name":"x"},"spec":{"controller":"{{controller}}"} }""", 422, "Invalid", "spec.controller");
        }

        yield return new("ingress class of two scopes", "POST", classes, Json, """{"metadata":{"name":"x"},"spec":{"controller":"a.io/b","parameters":{"kind":"A","name":"a","namespace":"b"}}}""", 422, "Invalid", "spec.parameters.namespace");
        yield return new("controller of an ingress class", "PATCH", $"{classes}/orchestrator", Merge, """{"spec":{"controller":"a.io/b"}}""", 422, "Invalid", "spec.controller");

        // Endpoints that somebody makes by hand.
        const string slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", endpoints = "/api/v1/namespaces/default/endpoints";
        string Slice(string address, string more = "", string type = "IPv4") => $$"""{"metadata":{"name":"x"},"addressType":"{{type}}","endpoints":[{"addresses":[{{address}}]}]{{more}} }""";
        string Subset(string ip, string ports = "") => $$"""{"metadata":{"name":"x"},"subsets":[{"addresses":[{"ip":"{{ip}}"}],"ports":[{{ports}}]}]}""";
        yield return new("slice without a type", "POST", slices, Json, """{"metadata":{"name":"x"},"endpoints":[]}""", 422, "Invalid", "addressType");
        yield return new("slice of a strange type", "POST", slices, Json, Slice("\"10.1.0.1\"", type: "Foo"), 422, "Invalid", "addressType");
        foreach (var address in new[] { "bad", "10.1", "127.0.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1", "fd00::1" })
        {
            yield return new($"slice with {address}", "POST", slices, Json, Slice($"\"{address}\""), 422, "Invalid", "endpoints[0].addresses[0]");
        }

        yield return new("slice with a bad name", "POST", slices, Json, Slice("\"a_b\"", type: "FQDN"), 422, "Invalid", "endpoints[0].addresses[0]");
        yield return new("slice without an address", "POST", slices, Json, Slice(""), 422, "Invalid", "endpoints[0].addresses");
        yield return new("slice with a far port", "POST", slices, Json, Slice("\"10.1.0.1\"", ",\"ports\":[{\"port\":800000}]"), 422, "Invalid", "ports[0].port");
        yield return new("slice with a strange protocol", "POST", slices, Json, Slice("\"10.1.0.1\"", ",\"ports\":[{\"port\":80,\"protocol\":\"HTTP\"}]"), 422, "Invalid", "ports[0].protocol");
        yield return new("slice with a port twice", "POST", slices, Json, Slice("\"10.1.0.1\"", ",\"ports\":[{\"port\":80},{\"port\":81}]"), 422, "Invalid", "ports[1].name");
        yield return new("endpoints with no address", "POST", endpoints, Json, Subset("bad"), 422, "Invalid", "subsets[0].addresses[0].ip");
        yield return new("endpoints of the node itself", "POST", endpoints, Json, Subset("127.0.0.1"), 422, "Invalid", "subsets[0].addresses[0].ip");
        yield return new("endpoints with a strange protocol", "POST", endpoints, Json, Subset("10.1.0.1", """{"port":80,"protocol":"HTTP"}"""), 422, "Invalid", "subsets[0].ports[0].protocol");
        yield return new("endpoints of nobody", "POST", endpoints, Json, """{"metadata":{"name":"x"},"subsets":[{"ports":[{"port":80}]}]}""", 422, "Invalid", "subsets[0]");

        // Addresses that packets of every node would follow.
        foreach (var address in new[] { "bad", "127.0.0.1", "169.254.169.254", "0.0.0.0" })
        {
            yield return new($"load balancer at {address}", "PATCH", "/api/v1/namespaces/default/services/kubernetes/status", Merge, $$$$"""{"status":{"loadBalancer":{"ingress":[{"ip":"{{{{address}}}}"}]}}}""", 422, "Invalid", "status.loadBalancer.ingress[0].ip");
        }

        foreach (var address in new[] { "bad", "127.1", "0x7f.0.0.1", "010.0.0.1" })
        {
            yield return new($"port of the host at {address}", "POST", "/api/v1/namespaces/default/pods", Json, $$$"""{"metadata":{"name":"x"},"spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80,"hostPort":80,"hostIP":"{{{address}}}"}]}]}}""", 422, "Invalid", "spec.containers[0].ports[0].hostIP");
        }

        // Network policies.
        const string policies = "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies";
        string Policy(string spec) => $$"""{"metadata":{"name":"x"},"spec":{"podSelector":{},{{spec}}} }""";
        string From(string peer) => Policy($$""" "ingress":[{"from":[{{peer}}]}] """);
        string Port(string port) => Policy($$""" "egress":[{"ports":[{{port}}]}] """);
        yield return new("policy of a strange type", "POST", policies, Json, Policy(""" "policyTypes":["Both"] """), 422, "Invalid", "spec.policyTypes[0]");
        yield return new("policy of three types", "POST", policies, Json, Policy(""" "policyTypes":["Ingress","Egress","Ingress"] """), 422, "Invalid", "spec.policyTypes");
        yield return new("policy with a bad selector", "POST", policies, Json, """{"metadata":{"name":"x"},"spec":{"podSelector":{"matchLabels":{"a b":"c"}}}}""", 422, "Invalid", "spec.podSelector.matchLabels");
        yield return new("policy with a bad operator", "POST", policies, Json, From("""{"namespaceSelector":{"matchExpressions":[{"key":"a","operator":"Gt"}]}}"""), 422, "Invalid", "spec.ingress[0].from[0].namespaceSelector.matchExpressions[0].operator");
        yield return new("policy with an empty peer", "POST", policies, Json, From("{}"), 422, "Invalid", "spec.ingress[0].from[0]");
        yield return new("policy with two peers in one", "POST", policies, Json, From("""{"podSelector":{},"ipBlock":{"cidr":"10.0.0.0/8"}}"""), 422, "Invalid", "spec.ingress[0].from[0]");
        foreach (var cidr in new[] { "", "10.0.0.0", "10.0.0.0/33", "10.1/8", "bad/8", "fd00::/129" })
        {
            yield return new($"policy with the block \"{cidr}\"", "POST", policies, Json, From($$$"""{"ipBlock":{"cidr":"{{{cidr}}}"}}"""), 422, "Invalid", "spec.ingress[0].from[0].ipBlock.cidr");
        }

        foreach (var except in new[] { "10.0.0.0/8", "11.0.0.0/16", "10.0.0.0/4", "bad", "fd00::/64" })
        {
            yield return new($"policy with the exception {except}", "POST", policies, Json, From($$$"""{"ipBlock":{"cidr":"10.0.0.0/8","except":["{{{except}}}"]}}"""), 422, "Invalid", "spec.ingress[0].from[0].ipBlock.except[0]");
        }

        var many = string.Join(',', Enumerable.Range(0, 501).Select(i => $$$$"""{"podSelector":{"matchLabels":{"a":"{{{{i}}}}"}}}"""));
        yield return new("policy with very many peers", "POST", policies, Json, Policy($$""" "egress":[{"to":[{{many}}],"ports":[{"port":"web"}]}] """), 422, "Invalid", "spec");
        yield return new("policy with a strange protocol", "POST", policies, Json, Port("""{"protocol":"HTTP"}"""), 422, "Invalid", "spec.egress[0].ports[0].protocol");
        yield return new("policy with a far port", "POST", policies, Json, Port("""{"port":70000}"""), 422, "Invalid", "spec.egress[0].ports[0].port");
        yield return new("policy with a bad port name", "POST", policies, Json, Port("""{"port":"a_b"}"""), 422, "Invalid", "spec.egress[0].ports[0].port");
        foreach (var range in new[] { """{"endPort":80}""", """{"port":"web","endPort":80}""", """{"port":81,"endPort":80}""", """{"port":81,"endPort":70000}""" })
        {
            yield return new($"policy with the range {range}", "POST", policies, Json, Port(range), 422, "Invalid", "spec.egress[0].ports[0].endPort");
        }

        // Metadata.
        yield return new("no name", "POST", Maps, Json, """{"metadata":{}}""", 422, "Invalid", "metadata.name");
        yield return new("upper case name", "POST", Maps, Json, """{"metadata":{"name":"Web"}}""", 422, "Invalid", "metadata.name");
        yield return new("long name", "POST", Maps, Json, $$"""{"metadata":{"name":"{{new string('a', 254)}}"} }""", 422, "Invalid", "metadata.name");
        yield return new("bad generateName", "POST", Maps, Json, """{"metadata":{"generateName":"A_"}}""", 422, "Invalid", "metadata.generateName");
        yield return new("bad namespace name", "POST", "/api/v1/namespaces", Json, """{"metadata":{"name":"a.b"}}""", 422, "Invalid", "metadata.name");
        yield return new("bad label key", "POST", Maps, Json, """{"metadata":{"name":"x","labels":{"a b":"c"}}}""", 422, "Invalid", "metadata.labels");
        yield return new("bad label value", "POST", Maps, Json, """{"metadata":{"name":"x","labels":{"a":"b c"}}}""", 422, "Invalid", "metadata.labels");
        yield return new("bad annotation key", "POST", Maps, Json, """{"metadata":{"name":"x","annotations":{"a b":"c"}}}""", 422, "Invalid", "metadata.annotations");
        yield return new("another namespace", "POST", Maps, Json, """{"metadata":{"name":"x","namespace":"other"}}""", 400, "BadRequest");
        yield return new("missing namespace", "POST", "/api/v1/namespaces/nowhere/configmaps", Json, """{"metadata":{"name":"x"}}""", 404, "NotFound");
        yield return new("dryRun", "POST", $"{Maps}?dryRun=Some", Json, """{"metadata":{"name":"x"}}""", 422, "Invalid", "dryRun");

        // Pods.
        yield return new("no containers", "POST", Pods, Json, """{"metadata":{"name":"x"},"spec":{"containers":[]}}""", 422, "Invalid", "spec.containers");
        yield return new("no container name", "POST", Pods, Json, """{"metadata":{"name":"x"},"spec":{"containers":[{"image":"i"}]}}""", 422, "Invalid", "spec.containers[0].name");
        yield return new("no image", "POST", Pods, Json, """{"metadata":{"name":"x"},"spec":{"containers":[{"name":"a"}]}}""", 422, "Invalid", "spec.containers[0].image");
        yield return new("same container twice", "POST", Pods, Json, """{"metadata":{"name":"x"},"spec":{"containers":[{"name":"a","image":"i"},{"name":"a","image":"i"}]}}""", 422, "Invalid", "spec.containers[1].name");
        yield return new("requests over limits", "POST", Pods, Json, Pod("\"resources\":{\"limits\":{\"cpu\":\"100m\"},\"requests\":{\"cpu\":1}}"), 422, "Invalid", "spec.containers[0].resources.requests");
        yield return new("port 0", "POST", Pods, Json, Pod("\"ports\":[{\"containerPort\":0}]"), 422, "Invalid", "spec.containers[0].ports[0].containerPort");
        yield return new("same port name", "POST", Pods, Json, Pod("\"ports\":[{\"name\":\"a\",\"containerPort\":1},{\"name\":\"a\",\"containerPort\":2}]"), 422, "Invalid", "spec.containers[0].ports[1].name");
        yield return new("variable name", "POST", Pods, Json, Pod("\"env\":[{\"name\":\"1a=\"}]"), 422, "Invalid", "spec.containers[0].env[0].name");
        yield return new("two sources", "POST", Pods, Json, Pod("\"env\":[{\"name\":\"a\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"metadata.name\"},\"secretKeyRef\":{\"name\":\"s\",\"key\":\"k\"}}}]"), 422, "Invalid", "spec.containers[0].env[0].valueFrom");
        yield return new("no such volume", "POST", Pods, Json, Pod("\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/v\"}]"), 422, "Invalid", "spec.containers[0].volumeMounts[0].name");
        yield return new("mount path with a colon", "POST", Pods, Json, Mounting("\"mountPath\":\"/a:ro\""), 422, "Invalid", "spec.containers[0].volumeMounts[0].mountPath");
        yield return new("same mount path", "POST", Pods, Json, Mounting("\"mountPath\":\"/a\"},{\"name\":\"v\",\"mountPath\":\"/a\""), 422, "Invalid", "spec.containers[0].volumeMounts[1].mountPath");
        yield return new("absolute subPath", "POST", Pods, Json, Mounting("\"mountPath\":\"/a\",\"subPath\":\"/b\""), 422, "Invalid", "spec.containers[0].volumeMounts[0].subPath");
        yield return new("subPath that goes up", "POST", Pods, Json, Mounting("\"mountPath\":\"/a\",\"subPath\":\"b/../..\""), 422, "Invalid", "spec.containers[0].volumeMounts[0].subPath");
        yield return new("two subPaths", "POST", Pods, Json, Mounting("\"mountPath\":\"/a\",\"subPath\":\"b\",\"subPathExpr\":\"$(B)\""), 422, "Invalid", "spec.containers[0].volumeMounts[0].subPathExpr");
        yield return new("mounts for the host", "POST", Pods, Json, Mounting("\"mountPath\":\"/a\",\"mountPropagation\":\"Bidirectional\""), 422, "Invalid", "spec.containers[0].volumeMounts[0].mountPropagation");
        yield return new("file that goes up", "POST", Pods, Json, PodSpec("\"volumes\":[{\"name\":\"a\",\"configMap\":{\"name\":\"c\",\"items\":[{\"key\":\"k\",\"path\":\"../k\"}]}}]"), 422, "Invalid", "spec.volumes[0].configMap.items[0].path");
        yield return new("file hidden from the agent", "POST", Pods, Json, PodSpec("\"volumes\":[{\"name\":\"a\",\"projected\":{\"sources\":[{\"secret\":{\"name\":\"c\",\"items\":[{\"key\":\"k\",\"path\":\"..data\"}]}}]}}]"), 422, "Invalid", "spec.volumes[0].projected.sources[0].secret.items[0].path");
        yield return new("host path that goes up", "POST", Pods, Json, PodSpec("\"volumes\":[{\"name\":\"a\",\"hostPath\":{\"path\":\"/a/../b\"}}]"), 422, "Invalid", "spec.volumes[0].hostPath.path");
        yield return new("two handlers", "POST", Pods, Json, Pod("\"livenessProbe\":{\"exec\":{\"command\":[\"a\"]},\"tcpSocket\":{\"port\":80}}"), 422, "Invalid", "spec.containers[0].livenessProbe.tcpSocket");
        yield return new("no handler", "POST", Pods, Json, Pod("\"livenessProbe\":{}"), 422, "Invalid", "spec.containers[0].livenessProbe");
        yield return new("pull policy", "POST", Pods, Json, Pod("\"imagePullPolicy\":\"Sometimes\""), 422, "Invalid", "spec.containers[0].imagePullPolicy");
        yield return new("restart policy", "POST", Pods, Json, PodSpec("\"restartPolicy\":\"Maybe\""), 422, "Invalid", "spec.restartPolicy");
        yield return new("restart policy of a container", "POST", Pods, Json, Pod("\"restartPolicy\":\"Always\""), 422, "Invalid", "spec.containers[0].restartPolicy");
        yield return new("restart policy of an init container", "POST", Pods, Json, PodSpec("\"initContainers\":[{\"name\":\"b\",\"image\":\"i\",\"restartPolicy\":\"Never\"}]"), 422, "Invalid", "spec.initContainers[0].restartPolicy");
        yield return new("probe of an init container", "POST", Pods, Json, PodSpec("\"initContainers\":[{\"name\":\"b\",\"image\":\"i\",\"readinessProbe\":{\"tcpSocket\":{\"port\":80}}}]"), 422, "Invalid", "spec.initContainers[0].readinessProbe");
        yield return new("toleration", "POST", Pods, Json, PodSpec("\"tolerations\":[{\"operator\":\"Equal\"}]"), 422, "Invalid", "spec.tolerations[0].operator");
        yield return new("same volume twice", "POST", Pods, Json, PodSpec("\"volumes\":[{\"name\":\"a\"},{\"name\":\"a\"}]"), 422, "Invalid", "spec.volumes[1].name");

        // Controllers.
        yield return new("negative replicas", "POST", Deployments, Json, Deployment("\"replicas\":-1"), 422, "Invalid", "spec.replicas");
        yield return new("no surge and none unavailable", "POST", Deployments, Json, Deployment("\"strategy\":{\"rollingUpdate\":{\"maxSurge\":0,\"maxUnavailable\":0}}"), 422, "Invalid", "spec.strategy.rollingUpdate.maxUnavailable");
        yield return new("no percent", "POST", Deployments, Json, Deployment("\"strategy\":{\"rollingUpdate\":{\"maxSurge\":\"a\"}}"), 422, "Invalid", "spec.strategy.rollingUpdate.maxSurge");
        yield return new("strategy", "POST", Deployments, Json, Deployment("\"strategy\":{\"type\":\"Slowly\"}"), 422, "Invalid", "spec.strategy.type");
        yield return new("deadline", "POST", Deployments, Json, Deployment("\"minReadySeconds\":20,\"progressDeadlineSeconds\":10"), 422, "Invalid", "spec.progressDeadlineSeconds");
        yield return new("selector of others", "POST", Deployments, Json, Deployment("\"selector\":{\"matchLabels\":{\"app\":\"other\"}}"), 422, "Invalid", "spec.template.metadata.labels");
        yield return new("empty selector", "POST", Deployments, Json, Deployment("\"selector\":{}"), 422, "Invalid", "spec.selector");
        yield return new("selector operator", "POST", Deployments, Json, Deployment("\"selector\":{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"Is\"}]}"), 422, "Invalid", "spec.selector.matchExpressions[0].operator");

        yield return new("selector value", "POST", Deployments, Json, Deployment("\"selector\":{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"In\",\"values\":[\"a\",\"-b\"]}]}"), 422, "Invalid", "spec.selector.matchExpressions[0].values[1]");
        yield return new("selector without values", "POST", Deployments, Json, Deployment("\"selector\":{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"In\"}]}"), 422, "Invalid", "spec.selector.matchExpressions[0].values");
        yield return new("selector with values", "POST", Deployments, Json, Deployment("\"selector\":{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"Exists\",\"values\":[\"a\"]}]}"), 422, "Invalid", "spec.selector.matchExpressions[0].values");
        yield return new("selector label", "POST", Deployments, Json, Deployment("\"selector\":{\"matchLabels\":{\"app\":\"a b\"}}"), 422, "Invalid", "spec.selector.matchLabels");
        yield return new("negative scale", "PUT", $"{Deployments}/kept/scale", Json, """{"spec":{"replicas":-1}}""", 422, "Invalid", "spec.replicas");

        // The rest.
        yield return new("data key", "POST", Maps, Json, """{"metadata":{"name":"x"},"data":{"a b":"c"}}""", 422, "Invalid", "data[a b]");
        yield return new("service port", "POST", Services, Json, """{"metadata":{"name":"x"},"spec":{"ports":[{"port":70000}]}}""", 422, "Invalid", "spec.ports[0].port");
        yield return new("immutable map", "PATCH", $"{Maps}/fixed", Merge, """{"data":{"a":"2"}}""", 422, "Invalid", "data");
        yield return new("secret type", "PATCH", $"{Secrets}/kept", Merge, """{"type":"other"}""", 422, "Invalid", "type");
        yield return new("deployment selector", "PATCH", $"{Deployments}/kept", Merge, """{"spec":{"selector":{"matchLabels":{"b":"c"}},"template":{"metadata":{"labels":{"b":"c"}}}}}""", 422, "Invalid", "spec.selector");
        yield return new("name of the path", "PUT", $"{Maps}/fixed", Json, """{"metadata":{"name":"other"}}""", 400, "BadRequest");
        yield return new("garbage version", "PUT", $"{Maps}/fixed", Json, """{"metadata":{"name":"fixed","resourceVersion":"x"},"immutable":true,"data":{"a":"1"}}""", 400, "BadRequest");
        yield return new("unknown operation", "PATCH", $"{Maps}/fixed", JsonPatch, """[{"op":"swap","path":"/data"}]""", 422, "Invalid", "patch");
        yield return new("failed test", "PATCH", $"{Maps}/fixed", JsonPatch, """[{"op":"test","path":"/data/a","value":"9"}]""", 422, "Invalid", "patch");
        yield return new("patch of no place", "PATCH", $"{Maps}/fixed", JsonPatch, """[{"op":"remove","path":"/nope"}]""", 422, "Invalid", "patch");
        yield return new("patch is no object", "PATCH", $"{Maps}/fixed", Merge, "[]", 400, "BadRequest");
        yield return new("patch type", "PATCH", $"{Maps}/fixed", Json, "{}", 415, "UnsupportedMediaType");
        yield return new("unknown field in a patch", "PATCH", $"{Maps}/kept?fieldValidation=Strict", Merge, """{"foo":1}""", 422, "Invalid", "patch");

        // Options, methods and forms.
        yield return new("dryRun of a deletion", "DELETE", $"{Maps}/kept?dryRun=Some", null, "", 422, "Invalid", "dryRun");
        yield return new("dryRun in the body of a deletion", "DELETE", $"{Maps}/kept", Json, """{"dryRun":["All","Some"]}""", 422, "Invalid", "dryRun");
        yield return new("dryRun of a list's deletion", "DELETE", $"{Maps}?dryRun=", null, "", 422, "Invalid", "dryRun");
        yield return new("dryRun of a scale", "PUT", $"{Deployments}/kept/scale?dryRun=Some", Json, """{"spec":{"replicas":2}}""", 422, "Invalid", "dryRun");
        yield return new("propagation", "DELETE", $"{Maps}/kept?propagationPolicy=Never", null, "", 422, "Invalid", "propagationPolicy");
        yield return new("dry run of what is there", "POST", $"{Maps}?dryRun=All", Json, """{"metadata":{"name":"kept"}}""", 409, "AlreadyExists");
        yield return new("dry deletion of what is not there", "DELETE", $"{Maps}/nobody?dryRun=All", null, "", 404, "NotFound");
        yield return new("what is there", "POST", Maps, Json, """{"metadata":{"name":"kept"}}""", 409, "AlreadyExists");
        yield return new("old version", "PUT", $"{Maps}/kept", Json, """{"metadata":{"name":"kept","resourceVersion":"1"}}""", 409, "Conflict");
        yield return new("creation in no namespace", "POST", "/api/v1/configmaps", Json, """{"metadata":{"name":"x"}}""", 405, "MethodNotAllowed");
        yield return new("creation under a name", "POST", $"{Maps}/kept", Json, """{"metadata":{"name":"kept"}}""", 405, "MethodNotAllowed");
        yield return new("command without streams", "POST", $"{Pods}/x/exec?command=true", null, "", 400, "BadRequest");
        yield return new("streams without a command", "GET", $"{Pods}/x/exec?stdout=true", null, "", 400, "BadRequest");
        yield return new("terminal with errors apart", "GET", $"{Pods}/x/attach?stderr=true&tty=true", null, "", 400, "BadRequest");
        yield return new("command in no pod", "POST", $"{Pods}/x/exec?command=true&stdout=true", null, "", 404, "NotFound");
        yield return new("deleted command", "DELETE", $"{Pods}/x/exec?command=true&stdout=true", null, "", 405, "MethodNotAllowed");
        yield return new("way through no pod", "GET", $"{Pods}/x/proxy/index.html", null, "", 404, "NotFound");
        yield return new("way through no port", "GET", $"{Pods}/x:y/proxy/index.html", null, "", 400, "BadRequest");
        yield return new("replaced log", "PUT", $"{Pods}/x/log", Json, "{}", 405, "MethodNotAllowed");

        // Queries.
        yield return new("negative limit", "GET", $"{Pods}?limit=-1", null, "", 400, "BadRequest");
        yield return new("limit is no number", "GET", $"{Pods}?limit=x", null, "", 400, "BadRequest");
        yield return new("garbage continue", "GET", $"{Pods}?continue=%25%25", null, "", 400, "BadRequest");
        yield return new("continue of another server", "GET", $"{Pods}?continue=YQ%3D%3D", null, "", 400, "BadRequest");
        yield return new("version match alone", "GET", $"{Pods}?resourceVersionMatch=Exact", null, "", 422, "Invalid", "resourceVersionMatch");
        yield return new("unknown version match", "GET", $"{Pods}?resourceVersion=1&resourceVersionMatch=Near", null, "", 422, "Invalid", "resourceVersionMatch");
        yield return new("initial events of a list", "GET", $"{Pods}?sendInitialEvents=true", null, "", 422, "Invalid", "sendInitialEvents");
        yield return new("initial events without a match", "GET", $"{Pods}?watch=true&sendInitialEvents=true", null, "", 422, "Invalid", "resourceVersionMatch");
        yield return new("negative grace", "DELETE", $"{Maps}/kept", Json, """{"gracePeriodSeconds":-1}""", 422, "Invalid", "gracePeriodSeconds");
        yield return new("negative grace in the query", "DELETE", $"{Maps}/kept?gracePeriodSeconds=-1", null, "", 400, "BadRequest");
        yield return new("garbage precondition", "DELETE", $"{Maps}/kept", Json, """{"preconditions":{"resourceVersion":"new"}}""", 422, "Invalid", "preconditions.resourceVersion");
        yield return new("text for a grace", "DELETE", $"{Maps}/kept", Json, """{"gracePeriodSeconds":"long"}""", 400, "BadRequest");
        yield return new("unknown propagation", "DELETE", $"{Maps}/kept", Json, """{"propagationPolicy":"Sideways"}""", 422, "Invalid", "propagationPolicy");
        yield return new("unknown directive", "PATCH", $"{Maps}/kept", "application/strategic-merge-patch+json", """{"data":{"$patch":"merged"}}""", 422, "Invalid");
        yield return new("deeper than the journal reads", "POST", Maps, Json,
            $$"""{"metadata":{"name":"x","managedFields":[{"fieldsV1":{{string.Concat(Enumerable.Repeat("{\"f:a\":", 60))}}1{{new string('}', 60)}} }]} }""", 400, "BadRequest");
        yield return new("list version", "GET", $"{Pods}?resourceVersion=x", null, "", 400, "BadRequest");
        yield return new("watch version", "GET", $"{Pods}?watch=true&resourceVersion=x", null, "", 400, "BadRequest");
        yield return new("label selector", "GET", $"{Pods}?labelSelector=a%3D%3D%3Db", null, "", 400, "BadRequest");
        yield return new("label selector value", "GET", $"{Pods}?labelSelector=a%3D-b", null, "", 400, "BadRequest");
        yield return new("label selector key", "GET", $"{Pods}?labelSelector=a%2Fb%2Fc", null, "", 400, "BadRequest");
        yield return new("label selector set", "GET", $"{Pods}?labelSelector=a+in+(b,_)", null, "", 400, "BadRequest");
        yield return new("label selector empty set", "GET", $"{Pods}?labelSelector=a+in+()", null, "", 400, "BadRequest");
        yield return new("label selector comma", "GET", $"{Pods}?labelSelector=a%3Db,", null, "", 400, "BadRequest");
        yield return new("deletion of the default namespace", "DELETE", "/api/v1/namespaces/default", null, "", 403, "Forbidden");
        yield return new("label selector of a deletion", "DELETE", $"{Maps}?labelSelector=a%3D-b", null, "", 400, "BadRequest");
        yield return new("field selector", "GET", $"{Pods}?fieldSelector=x", null, "", 400, "BadRequest");
        yield return new("field label", "GET", $"{Pods}?fieldSelector=spec.foo%3Dx", null, "", 400, "BadRequest");
    }

    [Fact]
    public async Task RefusesEachRowAndStoresNothing()
    {
        await _node!.AskAsync(HttpMethod.Post, Maps, """{"metadata":{"name":"fixed"},"immutable":true,"data":{"a":"1"}}""");
        await _node.AskAsync(HttpMethod.Post, Maps, """{"metadata":{"name":"kept"}}""");
        await _node.AskAsync(HttpMethod.Post, Secrets, """{"metadata":{"name":"kept"},"stringData":{"a":"b"}}""");
        await _node.AskAsync(HttpMethod.Post, Deployments, Deployment("\"replicas\":0").Replace("\"x\"", "\"kept\"", StringComparison.Ordinal));
        using var client = TokenClient.Of(_node);
        var wrong = new StringBuilder();
        foreach (var row in Rows())
        {
            var before = await StoredAsync(row.Path);
            using var request = new HttpRequestMessage(new HttpMethod(row.Method), new Uri(row.Path, UriKind.Relative));
            if (row.Type is not null)
            {
                request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(row.Body));
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(row.Type);
            }

            using var response = await client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            var status = text.StartsWith('{') ? JsonNode.Parse(text)! : new JsonObject();
            var fields = status["details"]?["causes"] is JsonArray causes ? causes.Select(c => c!["field"]!.GetValue<string>()).ToList() : [];
            if (Unlike(row, status) is { } unlike)
            {
                wrong.AppendLine($"{row.Name}: {unlike} {text[..Math.Min(text.Length, 400)]}");
            }

            if ((int)response.StatusCode != row.Code || status["reason"]?.GetValue<string>() != row.Reason
                || status["kind"]?.GetValue<string>() != "Status" || (row.Field.Length > 0 && !fields.Contains(row.Field)))
            {
                wrong.AppendLine($"{row.Name}: expected {row.Code} {row.Reason} {row.Field}, got {(int)response.StatusCode} {text[..Math.Min(text.Length, 400)]}");
            }

            if (await StoredAsync(row.Path) is var after && after != before)
            {
                wrong.AppendLine($"{row.Name}: stored something: before {before} after {after}");
            }
        }

        Assert.True(wrong.Length == 0, wrong.ToString());
    }

    [Fact]
    public async Task WarnsOfUnknownFieldsAndDropsThem()
    {
        using var client = TokenClient.Of(_node!);
        using var body = new StringContent("""{"metadata":{"name":"warned"},"foo":1,"data":{"a":"1","a":"2"}}""", Encoding.UTF8, Json);
        using var response = await client.PostAsync(new Uri(Maps, UriKind.Relative), body);
        Assert.Equal(201, (int)response.StatusCode);
        var warnings = response.Headers.GetValues("Warning").ToList();
        Assert.Contains("299 - \"unknown field \\\"foo\\\"\"", warnings);
        Assert.Contains("299 - \"duplicate field \\\"data.a\\\"\"", warnings);
        var stored = await _node!.AskAsync(HttpMethod.Get, $"{Maps}/warned");
        Assert.Null(stored["foo"]);
        Assert.Equal("2", stored["data"]!["a"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(Pods, "{\"metadata\":{\"name\":\"far\"},\"spec\":{\"nodeName\":\"nowhere\",\"containers\":[{\"name\":\"a\",\"image\":\"b\"}],\"resources\":{\"limits\":{\"cpu\":\"1\"}}}}", "spec.resources: ")]
    [InlineData(Pods, "{\"metadata\":{\"name\":\"tiny\"},\"spec\":{\"nodeName\":\"nowhere\",\"containers\":[{\"name\":\"a\",\"image\":\"b\",\"resources\":{\"requests\":{\"memory\":\"300m\",\"cpu\":\"300m\"}}}]}}",
        "spec.containers[0].resources.requests[memory]: fractional byte value \\\"300m\\\" is invalid, must be an integer")]
    public async Task WarnsOfWhatItStoresButIsHardlyMeant(string path, string json, string start)
    {
        using var client = TokenClient.Of(_node!);
        using var body = new StringContent(json, Encoding.UTF8, Json);
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), body);
        Assert.Equal(201, (int)response.StatusCode);
        Assert.StartsWith($"299 - \"{start}", Assert.Single(response.Headers.GetValues("Warning")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DefaultsAsKubernetes()
    {
        var secret = await _node!.AskAsync(HttpMethod.Post, Secrets, """{"metadata":{"name":"plain"},"stringData":{"a":"b"}}""");
        Assert.Equal("Yg==", secret["data"]!["a"]!.GetValue<string>());
        Assert.Equal("Opaque", secret["type"]!.GetValue<string>());
        Assert.Null(secret["stringData"]);
        var space = await _node.CreateNamespaceAsync("labelled");
        Assert.Equal("labelled", space["metadata"]!["labels"]!["kubernetes.io/metadata.name"]!.GetValue<string>());
        var service = await _node.AskAsync(HttpMethod.Post, Services, """{"metadata":{"name":"headless"},"spec":{"clusterIP":"None","ports":[{"port":80}]}}""");
        Assert.Equal("None", service["spec"]!["clusterIP"]!.GetValue<string>());
        Assert.Equal(80, service["spec"]!["ports"]![0]!["targetPort"]!.GetValue<int>());
        var pod = await _node.AskAsync(HttpMethod.Post, Pods, Pod("\"resources\":{\"limits\":{\"cpu\":\"10m\"}},\"livenessProbe\":{\"httpGet\":{\"port\":80}}"));
        var container = pod["spec"]!["containers"]![0]!;
        Assert.Equal("10m", container["resources"]!["requests"]!["cpu"]!.GetValue<string>());
        Assert.Equal(3, container["livenessProbe"]!["failureThreshold"]!.GetValue<int>());
        Assert.Equal(10, container["livenessProbe"]!["periodSeconds"]!.GetValue<int>());
    }

    /// <summary>What a dry run answers is what would be, and a later read shows that it is not.</summary>
    [Fact]
    public async Task DryRunsAnswerAsIf()
    {
        await _node!.AskAsync(HttpMethod.Post, Maps, """{"metadata":{"name":"stays"}}""");
        var made = await _node.AskAsync(HttpMethod.Post, $"{Maps}?dryRun=All", """{"metadata":{"name":"idea"}}""");
        Assert.NotEqual("", (string?)made["metadata"]!["uid"] ?? "");
        Assert.Null(made["metadata"]!["resourceVersion"]);
        Assert.Equal("Success", (string?)(await _node.AskAsync(HttpMethod.Delete, $"{Maps}/stays?dryRun=All"))["status"]);
        Assert.Equal("ConfigMapList", (string?)(await _node.AskAsync(HttpMethod.Delete, $"{Maps}?dryRun=All"))["kind"]);
        Assert.Contains("stays", (await _node.AskAsync(HttpMethod.Get, Maps))["items"]!.AsArray().Select(i => (string?)i!["metadata"]!["name"]));
        await Assert.ThrowsAsync<HttpRequestException>(() => _node.AskAsync(HttpMethod.Get, $"{Maps}/idea"));
        await _node.AskAsync(HttpMethod.Post, Deployments, Deployment("\"replicas\":0").Replace("\"x\"", "\"sized\"", StringComparison.Ordinal));
        var scale = await _node.AskAsync(HttpMethod.Put, $"{Deployments}/sized/scale?dryRun=All", """{"spec":{"replicas":7}}""");
        Assert.Equal(7, scale["spec"]!["replicas"]!.GetValue<int>());
        Assert.Equal(0, (await _node.AskAsync(HttpMethod.Get, $"{Deployments}/sized"))["spec"]!["replicas"]!.GetValue<int>());
    }

    [Fact]
    public async Task FinalizingTakesTheFinalizersAlone()
    {
        await _node!.AskAsync(HttpMethod.Post, "/api/v1/namespaces", """{"metadata":{"name":"finals"}}""");
        var after = await _node.AskAsync(HttpMethod.Put, "/api/v1/namespaces/finals/finalize", """{"metadata":{"name":"finals","labels":{"a":"b"}},"spec":{"finalizers":["kubernetes","example.com/mine"]}}""");
        Assert.Equal("""["kubernetes","example.com/mine"]""", after["spec"]!["finalizers"]!.ToJsonString());
        Assert.Null(after["metadata"]!["labels"]!["a"]);
        await _node.AskAsync(HttpMethod.Put, "/api/v1/namespaces/finals/finalize", """{"metadata":{"name":"finals"},"spec":{}}""");
        Assert.Equal("Success", (string?)(await _node.AskAsync(HttpMethod.Delete, "/api/v1/namespaces/finals"))["status"]);
    }

    [Fact]
    public async Task RefusalsNameWhatTheyAreAbout()
    {
        await _node!.AskAsync(HttpMethod.Post, Maps, """{"metadata":{"name":"taken"}}""");
        using var client = TokenClient.Of(_node!);
        Assert.Equal("""{"name":"taken","kind":"configmaps"}""", await DetailsAsync(client, HttpMethod.Post, Maps, """{"metadata":{"name":"taken"}}"""));
        Assert.Equal("""{"name":"gone","group":"apps","kind":"deployments"}""", await DetailsAsync(client, HttpMethod.Get, $"{Deployments}/gone"));
        Assert.Equal("""{"name":"nowhere","kind":"namespaces"}""", await DetailsAsync(client, HttpMethod.Post, "/api/v1/namespaces/nowhere/pods", Pod("\"tty\":false")));
        Assert.StartsWith("""{"name":"A","kind":"ConfigMap","causes":""", await DetailsAsync(client, HttpMethod.Post, Maps, """{"metadata":{"name":"A"}}"""), StringComparison.Ordinal);
        Assert.Equal("{}", await DetailsAsync(client, HttpMethod.Post, Maps, "["));

        using var refused = await client.PostAsync(new Uri($"{Maps}/taken", UriKind.Relative), null);
        Assert.Equal(["GET", "PUT", "PATCH", "DELETE"], refused.Content.Headers.Allow);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Maps, UriKind.Relative));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        using var response = await client.SendAsync(request);
        Assert.Equal((406, "NotAcceptable"), ((int)response.StatusCode, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["reason"]));
    }

    private static async Task<string> DetailsAsync(HttpClient client, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, Json);
        using var response = await client.SendAsync(request);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!["details"]!.ToJsonString();
    }

    // What a Status says twice must agree.
    private static string? Unlike(Row row, JsonNode status) =>
        status["code"]?.GetValue<int>() != row.Code ? "code in the body" : status["status"]?.GetValue<string>() != "Failure" ? "status in the body" : null;

    public async Task InitializeAsync() => _node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1));

    public async Task DisposeAsync() => await _node!.DisposeAsync();

    private static string Pod(string container) => $$"""{"metadata":{"name":"x"},"spec":{"containers":[{"name":"a","image":"i",{{container}} }]} }""";

    private static string Mounting(string mount) =>
        $$"""{"metadata":{"name":"x"},"spec":{"volumes":[{"name":"v"}],"containers":[{"name":"a","image":"i","volumeMounts":[{"name":"v",{{mount}} }] }]} }""";

    private static string PodSpec(string spec) => $$"""{"metadata":{"name":"x"},"spec":{"containers":[{"name":"a","image":"i"}],{{spec}} } }""";

    private static string Deployment(string spec) => $$$"""
        {"metadata":{"name":"x"},"spec":{ {{{(spec.Contains("selector", StringComparison.Ordinal) ? "" : "\"selector\":{\"matchLabels\":{\"app\":\"a\"}},")}}}{{{spec}}},
         "template":{"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"a","image":"i"}]} } } }
        """;

    private static string Bomb() => "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(1, 8).Select(i =>
        $"{(char)('a' + i)}: &{(char)('a' + i)} [{string.Join(',', Enumerable.Repeat($"*{(char)('a' + i - 1)}", 10))}]\n"));

    // The names and versions in the collection that a request is about; a deployment's status moves by itself.
    private async Task<string> StoredAsync(string path)
    {
        var parts = path.Split('?')[0].Split('/');
        var plural = Array.FindIndex(parts, p => p is "configmaps" or "secrets" or "services" or "deployments" or "pods");
        var version = plural >= 0 && parts[plural] is "deployments" or "pods" ? "generation" : "resourceVersion";
        var list = plural < 0 ? "/api/v1/namespaces" : $"{string.Join('/', parts[..(parts[1] == "api" ? 3 : 4)])}/{parts[plural]}";
        var items = (await _node!.AskAsync(HttpMethod.Get, list))["items"]!.AsArray();
        return string.Join(' ', items.Select(i => $"{i!["metadata"]!["name"]}@{i["metadata"]![version]}"));
    }
}
