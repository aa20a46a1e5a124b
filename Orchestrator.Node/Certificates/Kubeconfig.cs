using System.Net;
using System.Text;

namespace Orchestrator.Node.Certificates;

/// <summary>The kubeconfig of the admin.</summary>
internal static class Kubeconfig
{
    public static string Text(IPEndPoint server, string authority, KeyPair admin) => $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: orchestrator
          cluster:
            server: https://{server}
            certificate-authority-data: {Data(authority)}
        users:
        - name: admin
          user:
            client-certificate-data: {Data(admin.Certificate)}
            client-key-data: {Data(admin.Key)}
        contexts:
        - name: orchestrator
          context:
            cluster: orchestrator
            user: admin
        current-context: orchestrator

        """;

    private static string Data(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
