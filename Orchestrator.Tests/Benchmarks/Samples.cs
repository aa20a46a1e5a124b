using System.Text;

namespace Orchestrator.Benchmarks;

/// <summary>Objects that the benchmarks create.</summary>
internal static class Samples
{
    public const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    public const string Deployments = "/apis/apps/v1/namespaces/default/deployments";
    public const string Pods = "/api/v1/namespaces/default/pods";
    private static readonly string Filling = new('x', 850);

    /// <summary>About 1 KB.</summary>
    public static byte[] ConfigMap(string name, long mark = 0) => Encoding.UTF8.GetBytes(
        $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}","labels":{"app":"bench"} },"data":{"mark":"{{mark}}","filling":"{{Filling}}"} }""");

    public static byte[] Deployment(string name, int replicas, string image = "orchestrator/sample:1", string strategy = "") => Encoding.UTF8.GetBytes(
        $$$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{{name}}}" },"spec":{"replicas":{{{replicas}}},{{{strategy}}}"selector":{"matchLabels":{"app":"{{{name}}}"} },
        "template":{"metadata":{"labels":{"app":"{{{name}}}"} },"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"web","image":"{{{image}}}","ports":[{"containerPort":80}],
        "resources":{"requests":{"cpu":"10m","memory":"16Mi"} } }] } } } }
        """);

    public static byte[] Pod(string name, string image) => Encoding.UTF8.GetBytes(
        $$$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","labels":{"app":"bench"}},"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"web","image":"{{{image}}}"}] } }""");
}
