using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Orchestrator.Tests.Ingress;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Docker;

/// <summary>Ingresses of real pods, made with kubectl, as those who use them meet them.</summary>
public sealed partial class IngressSpec(IngressHost host) : IClassFixture<IngressHost>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [RootFact]
    public async Task An_Ingress_gets_the_default_class_and_addresses_and_leads_to_its_pods()
    {
        Assert.Matches(@"orchestrator\s+orchestrator.io/ingress\s+<none>", await host.Kubectl.SucceedAsync("get ingressclasses"));
        await host.DeployAsync("site");
        await host.IngressAsync("site", "site");
        Assert.Equal("one\n", await host.PageAsync("http://site.example.com/"));
        var address = await host.AddressAsync();
        await host.AddressesAsync("site", address);
        Assert.Matches($@"site\s+orchestrator\s+site.example.com\s+{address}\s+80\s", await host.Kubectl.SucceedAsync("get ingress site"));
        Assert.Matches(@"site.example.com\s+/\s+site:http \(10\.", (await host.Kubectl.SucceedAsync("describe ingress site")).ReplaceLineEndings(" "));
        using var client = host.Client();
        using var nowhere = await client.GetAsync(new Uri("http://nowhere.example.com/"));
        Assert.Equal(HttpStatusCode.NotFound, nowhere.StatusCode);

        // What was asked is counted, and is in the log without its query.
        await host.PageAsync("http://site.example.com/index.html?token=secret");
        await CountedAsync("/metrics", """orchestrator_ingress_requests_total{code="200",ingress="default/site",service="default/site"}""");
        await CountedAsync($"/api/v1/nodes/{host.Node.Name}/proxy/metrics", """orchestrator_ingress_request_duration_seconds_count{ingress="default/site",service="default/site"}""");
        var line = "";
        await Poll.UntilAsync(() => Task.FromResult((line = host.Node.Output.Split('\n').FirstOrDefault(l => l.Contains("/index.html", StringComparison.Ordinal)) ?? "").Length > 0), Bound, () => "the request is in the log");
        foreach (var part in new[] { "method=GET", "host=site.example.com", "path=/index.html", "status=200", "bytes=4", "milliseconds=", "ingress=default/site", "upstream=10." })
        {
            Assert.Contains(part, line, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("token=secret", host.Node.Output, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task The_page_about_Ingresses_works_as_it_is_written()
    {
        using var folder = new TempFolder();
        var commands = Block().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "operations", "ingress.md"))).SelectMany(m => m.Groups[1].Value.Split('\n')).Where(l => l.Length > 0).ToList();
        Assert.True(commands.Count >= 9, string.Join('\n', commands));
        var environment = new Dictionary<string, string> { ["KUBECONFIG"] = host.Node.Kubeconfig };
        foreach (var command in commands.Select(c => c.Replace("samples/", $"{Repository.Root}/samples/", StringComparison.Ordinal)
            .Replace("//localhost/", $"//localhost:{host.Http}/", StringComparison.Ordinal).Replace(":443:127.0.0.1 https://web.example.com/", $":{host.Https}:127.0.0.1 https://web.example.com:{host.Https}/", StringComparison.Ordinal)))
        {
            CommandResult? last = null;

            // What was changed is served a moment later.
            await Poll.UntilAsync(async () => (last = await Command.RunAsync("bash", ["-c", $"cd '{folder.Path}' && {command}"], Bound, environment: environment)).ExitCode == 0 || !command.StartsWith("curl", StringComparison.Ordinal),
                Bound, () => $"{command}: {last?.Output}{last?.Error}");
            Assert.True(last!.ExitCode == 0, $"{command}: {last.Output}{last.Error}");
        }
    }

    [RootFact]
    public async Task A_rolling_update_costs_no_request()
    {
        await host.DeployAsync("rolled", replicas: 3);
        await host.IngressAsync("rolled", "rolled");
        await host.PageAsync("http://rolled.example.com/");
        using var stop = new CancellationTokenSource();
        var failures = new ConcurrentBag<string>();
        var pages = new ConcurrentDictionary<string, int>();
        var load = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            using var client = host.Client();
            while (!stop.IsCancellationRequested)
            {
                using var response = await client.GetAsync(new Uri("http://rolled.example.com/"));
                var page = await response.Content.ReadAsStringAsync();
                if (response.IsSuccessStatusCode)
                {
                    pages.AddOrUpdate(page, 1, (_, n) => n + 1);
                }
                else
                {
                    failures.Add($"{(int)response.StatusCode} {page}");
                }
            }
        })).ToList();
        foreach (var version in new[] { "two", "three" })
        {
            await host.Kubectl.SucceedAsync($"set env deployment/rolled VERSION={version}");
            await host.Kubectl.SucceedAsync("rollout status deployment/rolled --timeout=60s");
            await host.PageAsync("http://rolled.example.com/", p => p == $"{version}\n");
        }

        await stop.CancelAsync();
        await Task.WhenAll(load).WaitAsync(Bound);
        Assert.True(failures.IsEmpty, $"{failures.Count} failed of {pages.Values.Sum()}: {string.Join(", ", failures.Distinct())}; {string.Join('\n', host.Node.Output.Split('\n').Where(l => l.Contains("status=5", StringComparison.Ordinal)).Take(5))}");
        Assert.Equal(["one\n", "three\n", "two\n"], pages.Keys.Order(StringComparer.Ordinal));
    }

    [RootFact]
    public async Task A_certificate_comes_from_a_Secret_and_changes_with_it()
    {
        var (first, second) = (TestCertificates.Create(["safe.example.com"]), TestCertificates.Create(["safe.example.com", "*.example.com"]));
        await host.DeployAsync("safe", replicas: 1);
        await host.SecretAsync("safe", first);
        await host.IngressAsync("safe", "safe", """
              tls:
              - hosts: [ safe.example.com ]
                secretName: safe
            """);
        Assert.Equal("one\n", await host.PageAsync("https://safe.example.com/"));
        Assert.Equal(Print(first), await ShownAsync());
        using var plain = host.Client();
        using var redirected = await plain.GetAsync(new Uri("http://safe.example.com/x"));
        Assert.Equal((HttpStatusCode.PermanentRedirect, $"https://safe.example.com:{host.Https}/x"), (redirected.StatusCode, redirected.Headers.Location!.OriginalString));
        await host.SecretAsync("safe", second);
        await Poll.UntilAsync(async () => await ShownAsync() == Print(second), Bound, () => "the new certificate is shown");
        Assert.DoesNotContain("PRIVATE KEY", host.Node.Output, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task What_is_wrong_with_an_Ingress_is_an_Event_of_it()
    {
        await host.IngressAsync("foreign", "none", "  ingressClassName: nobody");
        await host.WarnsAsync("foreign", "IngressClassNotFound", "Ingress class nobody does not exist");
        await host.IngressAsync("wrong", "missing", """
              defaultBackend: { resource: { kind: Bucket, name: b } }
              tls:
              - hosts: [ wrong.example.com ]
                secretName: wrong
            """, """{ orchestrator.io/read-timeout: soon, orchestrator.io/max-body-size: 1Ki }""");
        await host.WarnsAsync("wrong", "InvalidAnnotation", "Annotation orchestrator.io/read-timeout: \"soon\" must be a time");
        await host.WarnsAsync("wrong", "ServiceNotFound", "Service missing does not exist");
        await host.WarnsAsync("wrong", "BackendNotSupported", "Backend Bucket b");
        await host.WarnsAsync("wrong", "InvalidCertificate", "Secret wrong does not exist");
        (await host.Kubectl.RunAsync("create", "secret", "generic", "wrong", "--from-literal=tls.crt=x", "--from-literal=tls.key=y")).Succeeded();
        await host.WarnsAsync("wrong", "InvalidCertificate", "Secret wrong: its tls.crt and tls.key are no certificate and its key in PEM");
        await host.Kubectl.SucceedAsync("delete secret wrong");
        await host.SecretAsync("wrong", TestCertificates.Create(["other.example.com"]));
        await host.WarnsAsync("wrong", "InvalidCertificate", "Secret wrong: its certificate is not for wrong.example.com");
        (await host.Kubectl.RunAsync("create", "service", "clusterip", "missing", "--tcp=81:81")).Succeeded();
        await host.WarnsAsync("wrong", "ServicePortNotFound", "Service missing has no port http");
        using var client = host.Client();
        using var response = await client.GetAsync(new Uri("https://wrong.example.com/"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        await Poll.UntilAsync(() => Task.FromResult(host.Node.Output.Split('\n').Any(l => l.Contains("host=wrong.example.com", StringComparison.Ordinal) && l.Contains("error=\"the backend has no endpoint\"", StringComparison.Ordinal))),
            Bound, () => "the log says why");
        await host.Kubectl.SucceedAsync("delete ingress wrong foreign");
    }

    [RootFact]
    public async Task A_host_belongs_to_the_oldest_namespace_until_it_lets_go()
    {
        await host.DeployAsync("owned", replicas: 1);
        await host.IngressAsync("owned", "owned");
        await host.PageAsync("http://owned.example.com/");
        await host.Kubectl.SucceedAsync("create namespace taker");
        (await host.Kubectl.RunAsync("-n", "taker", "create", "ingress", "taker", "--rule=owned.example.com/longer*=none:80")).Succeeded();
        await host.Kubectl.WaitForAsync("-n taker get events --field-selector reason=HostTaken -o jsonpath={.items[*].message}", s => s == "Host \"owned.example.com\" belongs to ingress default/owned, which is older: choose another host or have its owner delete it", Bound);
        using var client = host.Client();
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri("http://owned.example.com/longer"))).StatusCode);
        await host.Kubectl.SucceedAsync("delete ingress owned");
        await Poll.UntilAsync(async () => (await client.GetAsync(new Uri("http://owned.example.com/longer"))).StatusCode == HttpStatusCode.ServiceUnavailable, Bound, () => "the next oldest has the host");
        Assert.Equal("1", await host.Kubectl.SucceedAsync("-n taker get events --field-selector reason=HostTaken -o jsonpath={.items[*].count}"));
        await host.Kubectl.SucceedAsync("delete namespace taker");
    }

    [RootFact]
    public async Task A_node_whose_port_is_taken_has_no_address_until_it_is_free()
    {
        using var taken = new TcpListener(IPAddress.Any, FreePort.Next());
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, Ingress: (port, 0)));
        var kubectl = node.Kubectl(Kubectl.Newest);
        (await kubectl.RunAsync("create", "service", "clusterip", "web", "--tcp=80:80")).Succeeded();
        (await kubectl.RunAsync("create", "ingress", "web", "--rule=web.example.com/*=web:80")).Succeeded();
        foreach (var (of, part) in new[] { (node.Name, "address already in use"), ("web", $"Node {node.Name} does not serve it") })
        {
            await kubectl.WaitForAsync($"get events -A --field-selector involvedObject.name={of},reason=IngressNotListening -o jsonpath={{.items[*].message}}", s => s.Contains(part, StringComparison.Ordinal), Bound);
        }

        Assert.Equal("", await kubectl.SucceedAsync("get ingress web -o jsonpath={.status.loadBalancer.ingress}"));
        taken.Stop();
        await kubectl.WaitForAsync("get ingress web -o jsonpath={.status.loadBalancer.ingress[*].ip}", s => s.Length > 0, Bound);
        await kubectl.SucceedAsync("delete ingress web");
        await kubectl.WaitForAsync($"get node {node.Name} -o jsonpath={{.status.conditions[?(@.type==\"IngressReady\")].reason}}", s => s == "NoIngress", Bound);
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    private async Task CountedAsync(string path, string metric)
    {
        var all = "";
        await Poll.UntilAsync(async () => (all = await host.Node.ReadAsync(path)).Contains(metric, StringComparison.Ordinal), TimeSpan.FromSeconds(10),
            () => $"{path} has {metric}, and not {string.Join('\n', all.Split('\n').Where(l => l.Contains("ingress", StringComparison.Ordinal)))}");
    }

    private async Task<string> ShownAsync()
    {
        var shown = "";
        using var client = host.Client(c => shown = c.Thumbprint);
        Assert.Equal("one\n", await client.GetStringAsync(new Uri("https://safe.example.com/")));
        return shown;
    }

    private static string Print((string Certificate, string Key) pair)
    {
        using var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(pair.Certificate);
        return certificate.Thumbprint;
    }
}
