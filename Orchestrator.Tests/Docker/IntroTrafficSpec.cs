using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Docker;

/// <summary>The services of the introduction, as it writes them, on real containers: the images have its names and serve a page of ours, since no registry is needed.</summary>
public sealed class IntroTrafficSpec(IngressHost host) : IClassFixture<IngressHost>, IAsyncLifetime
{
    private const string Apache = "registry.cn-beijing.aliyuncs.com/crazywjj/hpa-example:V1.0";
    private const string Generator = "busybox:introduction";
    private const string Tomcat = "tomcat";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    public async Task InitializeAsync()
    {
        await SampleImage.ImportAsync(SampleImage.First, Apache, Generator);
        (await Command.RunAsync("docker", ["build", "-q", "-t", Tomcat, "-"], Bound, $"FROM {SampleImage.First}\nCMD [\"/bin/httpd\",\"-f\",\"-p\",\"8080\",\"-h\",\"/www\"]\n")).Succeeded();
    }

    public async Task DisposeAsync()
    {
        await host.Kubectl.RunAsync("delete", "deployment,service,ingress,pod", "--all", "--now", "--wait");
        await Command.RunAsync("docker", ["rmi", "-f", Apache, Generator, Tomcat], Bound);
    }

    [RootFact]
    public async Task Php_apache_is_found_by_its_name_and_by_the_environment()
    {
        (await host.Kubectl.FeedAsync($$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: php-apache
            spec:
              selector:
                matchLabels:
                  run: php-apache
              replicas: 1
              template:
                metadata:
                  labels:
                    run: php-apache
                spec:
                  containers:
                  - name: php-apache
                    image: {{Apache}}
                    imagePullPolicy: IfNotPresent
                    ports:
                    - containerPort: 80
                    resources:
                      limits:
                        cpu: 500m
                      requests:
                        cpu: 200m
            ---
            apiVersion: v1
            kind: Service
            metadata:
              name: php-apache
              labels:
                run: php-apache
            spec:
              ports:
              - port: 80
              selector:
                run: php-apache
            """, "create", "-f", "-")).Succeeded();
        await host.Kubectl.SucceedAsync("rollout status deployment/php-apache --timeout=60s");
        await host.Kubectl.SucceedAsync($"run load-generator --image={Generator} --command -- sleep 600");
        await host.Kubectl.SucceedAsync("wait --for=condition=Ready pod/load-generator --timeout=60s");
        await host.Kubectl.WaitForAsync("exec load-generator -- wget -q -O- http://php-apache.default.svc.cluster.local", t => t == $"Hello from {Apache}\n", Bound);
        var address = await host.Kubectl.SucceedAsync("get service php-apache -o jsonpath={.spec.clusterIP}");
        var environment = (await host.Kubectl.SucceedAsync("exec load-generator -- env")).Split('\n');
        Assert.Contains($"PHP_APACHE_SERVICE_HOST={address}", environment);
        Assert.Contains("PHP_APACHE_SERVICE_PORT=80", environment);
        Assert.Equal("Hello from " + Apache, (await host.Kubectl.SucceedAsync("exec load-generator -- sh -c wget${IFS}-q${IFS}-O-${IFS}http://$PHP_APACHE_SERVICE_HOST")).Trim());
    }

    [RootFact]
    public async Task The_frontend_is_reached_by_a_port_of_the_node_and_by_an_Ingress()
    {
        await host.Kubectl.SucceedAsync($"create -f {Path.Combine(Repository.Root, "samples", "intro", "frontend-deployment.yaml")}");
        await host.Kubectl.SucceedAsync("rollout status deployment/frontend --timeout=60s");
        await host.Kubectl.SucceedAsync("expose deployment frontend --selector=tier=frontend --type=NodePort --port=8080");
        var port = await host.Kubectl.SucceedAsync("get service frontend -o jsonpath={.spec.ports[0].nodePort}");
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var (address, page) = (await host.AddressAsync(), "");
        await Poll.UntilAsync(async () =>
        {
            try
            {
                return (page = await client.GetStringAsync(new Uri($"http://{address}:{port}/"))).StartsWith("Hello from ", StringComparison.Ordinal);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                return false;
            }
        }, Bound, () => $"the port of the node answers, and not {page}");
        await host.Kubectl.SucceedAsync("create ingress frontend --rule=frontend.example.com/*=frontend:8080");
        Assert.StartsWith("Hello from ", await host.PageAsync("http://frontend.example.com/"), StringComparison.Ordinal);
    }
}
