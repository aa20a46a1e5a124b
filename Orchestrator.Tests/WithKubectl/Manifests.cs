namespace Orchestrator.Tests.WithKubectl;

/// <summary>The objects that the specs work on.</summary>
internal static class Manifests
{
    public static string Deployment(string name, int replicas = 3, string image = "orchestrator/sample:1") => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {{name}}
          labels: {app: {{name}}}
        spec:
          replicas: {{replicas}}
          selector:
            matchLabels: {app: {{name}}}
          template:
            metadata:
              labels: {app: {{name}}, tier: front}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - name: main
                image: {{image}}
                command: [sh, -c, "echo hi; sleep 3600"]
        """;

    public static string DeploymentJson(string name, int replicas) => $$$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{{name}}}","labels":{"app":"{{{name}}}"} },
         "spec":{"replicas":{{{replicas}}},"selector":{"matchLabels":{"app":"{{{name}}}"} },
          "template":{"metadata":{"labels":{"app":"{{{name}}}","tier":"front"}},
           "spec":{"terminationGracePeriodSeconds":1,"containers":[
            {"name":"main","image":"orchestrator/sample:1","command":["sh","-c","echo hi; sleep 3600"]}]} } } }
        """;

    public static string PodJson(string name, string line, string restartPolicy = "Always") => $$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","labels":{"app":"{{{name}}}"} },
         "spec":{"restartPolicy":"{{{restartPolicy}}}","terminationGracePeriodSeconds":1,"containers":[
          {"name":"main","image":"orchestrator/sample:1","command":["sh","-c","{{{line}}}"]}]} }
        """;
}
