using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.EndpointSlices;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Node.Ingress;
using Orchestrator.Node.Proxy;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Ingress;

/// <summary>The ingress of a node, whose gateway and proxy the spec plays, with clients that connect to it whatever the host of a request.</summary>
public abstract class ServedIngress : TestKit
{
    private protected static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly Dictionary<string, KubeObject> _objects = [];
    private readonly IActorRef _ingress;
    private long _version;

    protected ServedIngress()
    {
        Ports = new IngressPorts(FreePort.Next(), FreePort.Next(), true);
        _ingress = ChildActorOf(IngressActor.Props("n", TestActor, TestActor, Ports, TimeProvider.System));
    }

    private protected IngressPorts Ports { get; }

    /// <summary>An Ingress, a Secret or both have changed. All are told anew.</summary>
    private protected void Put(string kind, string name, string spec, string annotations = "")
    {
        var definition = kind == "Secret" ? SecretDefinition.Instance : IngressDefinition.Instance;
        _objects[$"{kind}/{name}"] = KubeObject.From(definition, (JsonObject)JsonNode.Parse($$"""
            { "metadata": { "name": "{{name}}", "namespace": "default", "uid": "{{name}}", "resourceVersion": "{{++_version}}", "creationTimestamp": "2026-01-01T00:00:0{{_objects.Count}}Z",
              "annotations": { {{annotations}} } }, "{{(kind == "Secret" ? "data" : "spec")}}": {{spec}} }
            """)!);
        Tell();
    }

    /// <summary>An Ingress is gone.</summary>
    private protected void Remove(string kind, string name)
    {
        _objects.Remove($"{kind}/{name}");
        Tell();
    }

    /// <summary>An Ingress for a host with rules such as <c>/x=service:80</c>.</summary>
    private protected void PutIngress(string name, string host, string rules, string annotations = "", string tls = "") => Put("Ingress", name, $$"""
        { "rules": [ { "host": "{{host}}", "http": { "paths": [ {{string.Join(", ", rules.Split(' ').Select(Path))}} ] } } ]{{(tls.Length > 0 ? $", \"tls\": [ {tls} ]" : "")}} }
        """, annotations);

    /// <summary>The endpoints of a service are these, at its port 80, named http.</summary>
    private protected void PutService(string name, IEnumerable<int> ports, string more = "")
    {
        var service = KubeObject.From(ServiceDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
            { "metadata": { "name": "{{name}}", "namespace": "default", "uid": "{{name}}" }, "spec": { "clusterIP": "None", "ports": [ { "name": "http", "port": 80{{more}} } ] } }
            """)!);
        var slices = ports.Select((p, i) => KubeObject.From(EndpointSliceDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
            { "metadata": { "name": "{{name}}-{{i}}", "namespace": "default", "uid": "{{name}}-{{i}}" }, "addressType": "IPv4", "ports": [ { "name": "http", "port": {{p}} } ],
              "endpoints": [ { "addresses": [ "{{TestBackend.Host}}" ], "conditions": { "ready": true } } ] }
            """)!));
        _ingress.Tell(new ServiceSeen(service.Key, service, [.. slices]));
    }

    /// <summary>There is no such service.</summary>
    private protected void PutNoService(string name) => _ingress.Tell(new ServiceSeen(ServiceDefinition.Instance.Key("default", name), null, []));

    /// <summary>Waits until the ingress says whether it serves.</summary>
    private protected IngressActor.Changed Changes() => (IngressActor.Changed)FishForMessage(m => m is IngressActor.Changed, Bound);

    /// <summary>Ends when the ingress has done all that it was told.</summary>
    private protected Task SettledAsync() => _ingress.Ask<ActorIdentity>(new Identify(null), Bound);

    /// <summary>A client of the ingress.</summary>
    /// <param name="shown">Gets the certificates that the ingress shows.</param>
    private protected HttpClient Client(Action<X509Certificate2>? shown = null) => new(Handler(shown)) { Timeout = Bound };

    private protected SocketsHttpHandler Handler(Action<X509Certificate2>? shown = null) => new()
    {
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port == 443 ? Ports.Https : Ports.Http, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                shown?.Invoke((X509Certificate2)certificate!);
                return true;
            },
        },
    };

    /// <summary>Status and body of an answer.</summary>
    private protected async Task<(int Code, string Body)> GetAsync(string url)
    {
        using var client = Client();
        using var response = await client.GetAsync(new Uri(url));
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private void Tell() => _ingress.Tell(new ObjectNews("s", ObjectNews.Whole, ++_version, [.. _objects.Values], []));

    private static string Path(string rule)
    {
        var (path, service, port) = (rule.Split('=')[0], rule.Split('=')[1].Split(':')[0], rule.Split(':')[1]);
        var by = int.TryParse(port, CultureInfo.InvariantCulture, out _) ? $"\"number\": {port}" : $"\"name\": \"{port}\"";
        return $$"""{ "path": "{{path.TrimEnd('!')}}", "pathType": "{{(path.EndsWith('!') ? "Exact" : "Prefix")}}", "backend": { "service": { "name": "{{service}}", "port": { {{by}} } } } }""";
    }
}
