using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Docker;

/// <summary>A host on the Docker engine whose node serves Ingresses at free ports, with a kubectl and clients that connect to it whatever the host of a request.</summary>
public sealed class IngressHost : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    internal NodeProcess Node { get; private set; } = null!;

    internal Kubectl Kubectl { get; private set; } = null!;

    internal int Http { get; } = FreePort.Next();

    internal int Https { get; } = FreePort.Next();

    public async Task InitializeAsync()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        Node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, Ingress: (Http, Https)));
        Kubectl = Node.Kubectl(Kit.Kubectl.Newest);
    }

    public Task DisposeAsync() => Node.DisposeAsync().AsTask();

    /// <summary>A deployment that serves a page with its version, ends at once when it is told to, and has a service of its name.</summary>
    internal async Task DeployAsync(string name, string version = "one", int replicas = 2)
    {
        (await Kubectl.FeedAsync($$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: {{name}}
            spec:
              replicas: {{replicas}}
              selector: { matchLabels: { app: {{name}} } }
              template:
                metadata: { labels: { app: {{name}} } }
                spec:
                  terminationGracePeriodSeconds: 5
                  containers:
                  - name: main
                    image: {{SampleImage.First}}
                    imagePullPolicy: IfNotPresent
                    env: [ { name: VERSION, value: {{version}} } ]
                    command: [ sh, -c, 'mkdir -p /w && echo $VERSION > /w/index.html && trap "kill %1; exit" TERM; httpd -f -p 8080 -h /w & wait' ]
                    readinessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 1 }
            ---
            apiVersion: v1
            kind: Service
            metadata:
              name: {{name}}
            spec:
              selector: { app: {{name}} }
              ports: [ { name: http, port: 80, targetPort: 8080 } ]
            """, "apply", "-f", "-")).Succeeded();
        await Kubectl.SucceedAsync($"rollout status deployment/{name} --timeout=60s");
    }

    /// <summary>Makes an Ingress, or changes it.</summary>
    /// <param name="name">Its name; its host is <c>NAME.example.com</c>.</param>
    /// <param name="service">The service behind it.</param>
    /// <param name="more">Further members of its spec, as YAML with an indentation of two.</param>
    /// <param name="annotations">Its annotations, as YAML in braces.</param>
    internal async Task IngressAsync(string name, string service, string more = "", string annotations = "{}") => (await Kubectl.FeedAsync($$"""
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: {{name}}
          annotations: {{annotations}}
        spec:
          rules:
          - host: {{name}}.example.com
            http:
              paths:
              - path: /
                pathType: Prefix
                backend: { service: { name: {{service}}, port: { name: http } } }
        {{more}}
        """, "apply", "-f", "-")).Succeeded();

    /// <summary>Makes a Secret with a certificate, or changes it.</summary>
    internal async Task SecretAsync(string name, (string Certificate, string Key) pair)
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("crt"), pair.Certificate);
        await File.WriteAllTextAsync(folder.File("key"), pair.Key);
        var manifest = await Kubectl.SucceedAsync($"create secret tls {name} --cert={folder.File("crt")} --key={folder.File("key")} --dry-run=client -o yaml");
        (await Kubectl.FeedAsync(manifest, "apply", "-f", "-")).Succeeded();
    }

    /// <summary>Waits for a Warning of an object.</summary>
    internal async Task WarnsAsync(string name, string reason, string part) =>
        await Kubectl.WaitForAsync($"get events --field-selector involvedObject.name={name},reason={reason},type=Warning -o jsonpath={{.items[*].message}}", s => s.Contains(part, StringComparison.Ordinal), Bound);

    /// <summary>Waits until an Ingress has these addresses.</summary>
    internal async Task AddressesAsync(string name, string expected) => await Kubectl.WaitForAsync($"get ingress {name} -o jsonpath={{.status.loadBalancer.ingress[*].ip}}", s => s == expected, Bound);

    /// <summary>The address of the node.</summary>
    internal Task<string> AddressAsync() => Kubectl.SucceedAsync($"get node {Node.Name} -o jsonpath={{.status.addresses[?(@.type==\"InternalIP\")].address}}");

    /// <summary>A client of the ingress.</summary>
    /// <param name="shown">Gets the certificates that the ingress shows.</param>
    internal HttpClient Client(Action<X509Certificate2>? shown = null)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port == 443 ? Https : Http, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            shown?.Invoke((X509Certificate2)certificate!);
            return true;
        };
        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(20) };
    }

    /// <summary>Waits until a page is there.</summary>
    internal async Task<string> PageAsync(string url, Func<string, bool>? fact = null)
    {
        using var client = Client();
        var page = "";
        await Poll.UntilAsync(async () =>
        {
            try
            {
                using var response = await client.GetAsync(new Uri(url));
                page = await response.Content.ReadAsStringAsync();
                return response.IsSuccessStatusCode && fact?.Invoke(page) != false;
            }
            catch (HttpRequestException)
            {
                return false; // It does not listen yet.
            }
        }, Bound, () => $"{url} answers, and not {page}; the node said: {Node.Output}");
        return page;
    }
}
