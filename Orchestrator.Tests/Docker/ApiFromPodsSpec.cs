using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Node.Network;
using Orchestrator.Tests.Conformance;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>A pod finds the API server as client libraries do: by its environment, its token and the authority in its files.</summary>
public sealed class ApiFromPodsSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [RootFact]
    [Conformance("Services should provide secure master service")]
    public async Task A_pod_reaches_the_api_by_the_service_and_trusts_it()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, IsOpen: true));
        await CreateAsync(node, "caller", "Always", $$""" "containers": [ {{Runs("sleep 600")}} } ] """);
        var pod = await PodIsAsync(node, "caller", IsReady);
        var container = ((string)pod["status"]!["containerStatuses"]![0]!["containerID"]!)["docker://".Length..];
        var files = (await Command.RunAsync("docker", ["exec", container, "sh", "-c", "cd /var/run/secrets/kubernetes.io/serviceaccount && cat token && echo && cat ca.crt && echo && echo $KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT"], Bound)).Succeeded();
        var (token, server) = (files.Split('\n')[0], files.TrimEnd().Split('\n')[^1]);
        using var authority = X509Certificate2.CreateFromPem(files.AsSpan(files.IndexOf('\n', StringComparison.Ordinal)));

        var space = NetworkNames.PathOf(NetworkNames.Of(Node.Agent.Installation.Of(node.DataDir)).For(IPAddress.Parse((string)pod["status"]!["podIP"]!)));
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (to, cancellation) =>
            {
                using var handle = File.OpenHandle(space);
                var socket = await NamespaceThread.RunAsync(handle, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                await socket.ConnectAsync(to.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck },
            },
        });
        http.Timeout = Bound;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        Assert.EndsWith(":443", server, StringComparison.Ordinal);
        using var answer = await http.GetAsync(new Uri($"https://{server}/api/v1/namespaces/default/pods"));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("system:serviceaccount:default:default", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var ports = (await node.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/endpoints/kubernetes"))["subsets"]![0]!["ports"]!;
        Assert.Equal(("https", node.Address.Port), ((string)ports[0]!["name"]!, (int)ports[0]!["port"]!));
    }
}
