using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>The names of pods as their containers see them. The scripts check from inside; their exit code is the verdict.</summary>
[Collection(DockerHost.Name)]
public sealed class PodNamesInsideSpec(DockerHost host)
{
    [Fact]
    public async Task A_container_has_the_names_and_the_resolver_of_its_pod()
    {
        await CreateAsync(host.Node, new string('n', 80), "Never", $$"""
            "containers": [ {{Runs($"test $(hostname) = {new string('n', 63)}")}} } ]
            """);
        await CreateAsync(host.Node, "full", "Never", $$"""
            "hostname": "db-0", "subdomain": "db", "hostAliases": [ { "ip": "192.0.2.7", "hostnames": [ "seven", "sept" ] } ],
            "containers": [ {{Runs("grep -q \\\"$(hostname -i)[[:space:]]db-0.db.default.svc.cluster.local[[:space:]]db-0$\\\" /etc/hosts && test $(hostname) = db-0 && grep -q '^192.0.2.7[[:space:]]seven[[:space:]]sept$' /etc/hosts")}} } ]
            """);
        await CreateAsync(host.Node, "alone", "Never", $$"""
            "dnsPolicy": "None", "dnsConfig": { "nameservers": [ "192.0.2.53" ], "searches": [ "my.example" ], "options": [ { "name": "ndots", "value": "2" } ] },
            "containers": [ {{Runs("test \\\"$(grep -v '^#' /etc/resolv.conf | sort | tr '\\\\n' ' ')\\\" = 'nameserver 192.0.2.53 options ndots:2 search my.example '")}} } ]
            """);
        foreach (var pod in (string[])[new string('n', 80), "full", "alone"])
        {
            var ended = await PodIsAsync(host.Node, pod, p => (string?)p["status"]?["phase"] is "Succeeded" or "Failed");
            Assert.True((string?)ended["status"]!["phase"] == "Succeeded", $"{pod}: {ended["status"]!.ToJsonString()}");
        }
    }
}
