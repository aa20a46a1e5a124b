using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Tests.Kit;
using Orchestrator.Tests.WithKubectl;

namespace Orchestrator.Tests.Conformance;

/// <summary>The lives of objects that are stored, listed, watched, changed and deleted, alone and together.</summary>
[Collection(KubectlCollection.Name)]
public sealed class ApiLifecycleSpec(KubectlCluster cluster)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("configmaps", """{"data":{"a":"1"}}""", """{"data":{"a":"2"}}""")]
    [InlineData("secrets", """{"data":{"a":"MQ=="}}""", """{"data":{"a":"Mg=="}}""")]
    [InlineData("podtemplates", """{"template":{"spec":{"containers":[{"name":"c","image":"x"}]}}}""", """{"template":{"spec":{"containers":[{"name":"c","image":"y"}]}}}""")]
    [InlineData("leases.coordination.k8s.io", """{"spec":{"holderIdentity":"a","leaseDurationSeconds":30}}""", """{"spec":{"holderIdentity":"b","leaseTransitions":1}}""")]
    [InlineData("runtimeclasses.node.k8s.io", """{"handler":"runc"}""", """{"overhead":{"podFixed":{"cpu":"1m"}}}""")]
    [InlineData("csidrivers.storage.k8s.io", """{"spec":{"attachRequired":false}}""", """{"spec":{"requiresRepublish":true}}""")]
    [InlineData("csistoragecapacities.storage.k8s.io", """{"storageClassName":"slow","capacity":"1Gi"}""", """{"capacity":"2Gi"}""")]
    [InlineData("storageclasses.storage.k8s.io", """{"provisioner":"example.com/slow"}""", """{"allowVolumeExpansion":true}""")]
    [InlineData("volumeattachments.storage.k8s.io", """{"spec":{"attacher":"example.com/slow","nodeName":"n","source":{"persistentVolumeName":"pv"}}}""", """{"metadata":{"annotations":{"b":"2"}}}""")]
    [InlineData("persistentvolumes", """{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"storageClassName":"none-here","hostPath":{"path":"/x"}}}""", """{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}""")]
    [InlineData("persistentvolumeclaims", """{"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"none-here","resources":{"requests":{"storage":"1Gi"}}}}""", """{"metadata":{"annotations":{"b":"2"}}}""")]
    [InlineData("services", """{"spec":{"ports":[{"port":80}]}}""", """{"metadata":{"annotations":{"b":"2"}}}""")]
    [InlineData("endpoints", """{"subsets":[{"addresses":[{"ip":"10.0.0.24"}],"ports":[{"name":"http","port":80}]}]}""", """{"subsets":[{"addresses":[{"ip":"10.0.0.25"}],"ports":[{"name":"http-test","port":8080}]}]}""")]
    [InlineData("endpointslices.discovery.k8s.io", """{"addressType":"IPv4","endpoints":[{"addresses":["1.2.3.4","5.6.7.8"]},{"addresses":["2.2.3.4","6.6.7.8"]}]}""", """{"metadata":{"annotations":{"b":"2"}}}""")]
    [InlineData("ingresses.networking.k8s.io", """{"spec":{"ingressClassName":"none-here","defaultBackend":{"service":{"name":"a","port":{"number":80}}}}}""", """{"spec":{"defaultBackend":{"service":{"name":"b","port":{"number":81}}}}}""")]
    [InlineData("ingressclasses.networking.k8s.io", """{"spec":{"controller":"example.com/controller"}}""", """{"metadata":{"annotations":{"b":"2"}}}""")]
    [Conformance("ConfigMap should run through a ConfigMap lifecycle")]
    [Conformance("Secrets should patch a secret")]
    [Conformance("PodTemplates should run the lifecycle of PodTemplates")]
    [Conformance("PodTemplates should replace a pod template")]
    [Conformance("PodTemplates should delete a collection of pod templates")]
    [Conformance("Lease lease API should be available")]
    [Conformance("RuntimeClass should support RuntimeClasses API operations")]
    [Conformance("CSIInlineVolumes should run through the lifecycle of a CSIDriver")]
    [Conformance("CSIStorageCapacity should support CSIStorageCapacities API operations")]
    [Conformance("StorageClasses CSI Conformance should run through the lifecycle of a StorageClass")]
    [Conformance("VolumeAttachment Conformance should run through the lifecycle of a VolumeAttachment")]
    [Conformance("PersistentVolumes CSI Conformance should run through the lifecycle of a PV and a PVC")]
    [Conformance("Services should delete a collection of services")]
    [Conformance("Services should test the lifecycle of an Endpoint")]
    [Conformance("EndpointSlice should support creating EndpointSlice API operations")]
    [Conformance("Ingress API should support creating Ingress API operations")]
    [Conformance("IngressClass API should support creating IngressClass API operations")]
    public async Task An_object_is_created_read_watched_changed_and_deleted(string resource, string body, string change)
    {
        var own = await ApiSpace.CreateAsync(cluster);
        var space = own.Kubectl.Space!;
        var collection = PathOf(resource, space);
        var label = $"life-{space}";
        var version = await cluster.Node.AskAsync(HttpMethod.Get, collection[..collection.IndexOf("/v1", StringComparison.Ordinal)] + "/v1");
        Assert.Contains(version["resources"]!.AsArray(), r => (string)r!["name"]! == resource.Split('.')[0]);
        await CreateAsync($"{space}-a");
        await CreateAsync($"{space}-b");
        await CreateAsync($"{space}-c");
        var one = $"{collection}/{space}-a";
        Assert.Equal($"{space}-a", (string?)(await cluster.Node.AskAsync(HttpMethod.Get, one))["metadata"]!["name"]);
        var list = await cluster.Node.AskAsync(HttpMethod.Get, $"{collection}?labelSelector=life%3D{label}");
        Assert.Equal(3, list["items"]!.AsArray().Count);
        Assert.Equal(3, (await cluster.Node.AskAsync(HttpMethod.Get, $"{collection.Replace($"/namespaces/{space}", "", StringComparison.Ordinal)}?labelSelector=life%3D{label}"))["items"]!.AsArray().Count);

        using var watch = new StreamReader(await cluster.Node.OpenAsync($"{collection}?watch=true&labelSelector=life%3D{label}&resourceVersion={list["metadata"]!["resourceVersion"]}"));
        var patched = await cluster.Node.AskAsync(HttpMethod.Patch, one, change, ApiSpace.Merge);
        Assert.True(IsPart(JsonNode.Parse(change)!, patched), patched.ToJsonString());
        await own.UpdateAsync(one, o => o["metadata"]!["labels"]!["updated"] = "yes");
        Assert.Equal("yes", (string?)(await cluster.Node.AskAsync(HttpMethod.Get, one))["metadata"]!["labels"]!["updated"]);

        await cluster.Node.AskAsync(HttpMethod.Delete, $"{collection}/{space}-b");
        await cluster.Node.AskAsync(HttpMethod.Delete, $"{collection}?labelSelector=life%3D{label}");
        await Poll.UntilAsync(async () => (await cluster.Node.AskAsync(HttpMethod.Get, $"{collection}?labelSelector=life%3D{label}"))["items"]!.AsArray().Count == 0, Bound, () => $"{resource} are gone");

        var seen = new List<(string Type, string Name)>();
        while (seen.Count(s => s.Type == "DELETED") < 3)
        {
            var told = JsonNode.Parse((await watch.ReadLineAsync().WaitAsync(Bound))!)!;
            seen.Add(((string)told["type"]!, (string)told["object"]!["metadata"]!["name"]!));
        }

        Assert.Contains(("MODIFIED", $"{space}-a"), seen);

        Task CreateAsync(string name)
        {
            var o = JsonNode.Parse(body)!;
            o["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["life"] = label } };
            return cluster.Node.AskAsync(HttpMethod.Post, collection, o.ToJsonString());
        }
    }

    [Theory]
    [InlineData("persistentvolumes", """{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"storageClassName":"none-here","hostPath":{"path":"/x"}}}""", """{"reason":"patched"}""")]
    [InlineData("persistentvolumeclaims", """{"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"none-here","resources":{"requests":{"storage":"1Gi"}}}}""", """{"conditions":[{"type":"Patched","status":"True"}]}""")]
    [InlineData("services", """{"spec":{"type":"LoadBalancer","loadBalancerClass":"example.com/internal","ports":[{"port":80}]}}""", """{"loadBalancer":{"ingress":[{"ip":"203.0.113.1"}]},"conditions":[{"type":"StatusPatched","status":"True","reason":"E2E","message":"set","lastTransitionTime":"2026-01-01T00:00:00Z"}]}""")]
    [InlineData("ingresses.networking.k8s.io", """{"spec":{"defaultBackend":{"service":{"name":"a","port":{"number":80}}}}}""", """{"loadBalancer":{"ingress":[{"ip":"169.1.1.1"}]}}""")]
    [InlineData("pods", """{"spec":{"nodeSelector":{"is":"nowhere"},"containers":[{"name":"c","image":"x"}]}}""", """{"message":"patched"}""")]
    [Conformance("PersistentVolumes CSI Conformance should apply changes to a pv/pvc status")]
    [Conformance("Pods should patch a pod status")]
    [Conformance("Services should complete a service status lifecycle")]
    public async Task A_status_is_read_patched_and_written(string resource, string body, string status)
    {
        var own = await ApiSpace.CreateAsync(cluster);
        var space = own.Kubectl.Space!;
        var o = JsonNode.Parse(body)!;
        o["metadata"] = new JsonObject { ["name"] = $"{space}-a" };
        await cluster.Node.AskAsync(HttpMethod.Post, PathOf(resource, space), o.ToJsonString());
        var one = $"{PathOf(resource, space)}/{space}-a";
        Assert.NotNull((await cluster.Node.AskAsync(HttpMethod.Get, $"{one}/status"))["spec"]);
        var patched = await cluster.Node.AskAsync(HttpMethod.Patch, $"{one}/status", $$"""{"status":{{status}} }""", ApiSpace.Merge);
        Assert.True(IsPart(JsonNode.Parse(status)!, patched["status"]!), patched.ToJsonString());
        var written = await own.UpdateAsync($"{one}/status", s => s["metadata"]!["annotations"] = new JsonObject { ["written"] = "yes" });
        Assert.True(IsPart(JsonNode.Parse(status)!, written["status"]!), written.ToJsonString());
        await cluster.Node.AskAsync(HttpMethod.Delete, one);
    }

    [Theory]
    [InlineData("configmaps", """{"data":{"a":"1"}}""", """{"data":{"a":"2"}}""")]
    [InlineData("secrets", """{"stringData":{"a":"1"}}""", """{"stringData":{"a":"2"}}""")]
    [Conformance("ConfigMap should be immutable if `immutable` field is set")]
    [Conformance("Secrets should be immutable if `immutable` field is set")]
    [Conformance("ConfigMap should fail to create ConfigMap with empty key")]
    [Conformance("Secrets should fail to create secret due to empty secret key")]
    public async Task What_is_immutable_stays_so_and_keys_have_names(string resource, string body, string other)
    {
        var space = (await ApiSpace.CreateAsync(cluster)).Kubectl.Space!;
        var collection = PathOf(resource, space);
        var o = JsonNode.Parse(body)!;
        o["metadata"] = new JsonObject { ["name"] = "fixed" };
        await cluster.Node.AskAsync(HttpMethod.Post, collection, o.ToJsonString());
        await cluster.Node.AskAsync(HttpMethod.Patch, $"{collection}/fixed", other, ApiSpace.Merge);
        await cluster.Node.AskAsync(HttpMethod.Patch, $"{collection}/fixed", """{"immutable":true}""", ApiSpace.Merge);
        foreach (var change in (string[])[body, """{"immutable":false}""", """{"immutable":null}"""])
        {
            await RefusedAsync(HttpMethod.Patch, $"{collection}/fixed", change);
        }

        await cluster.Node.AskAsync(HttpMethod.Patch, $"{collection}/fixed", """{"metadata":{"labels":{"may":"change"}}}""", ApiSpace.Merge);
        await RefusedAsync(HttpMethod.Post, collection, """{"metadata":{"name":"nameless"},"data":{"":"MQ=="} }""");
        await cluster.Node.AskAsync(HttpMethod.Delete, $"{collection}/fixed");
    }

    [Fact]
    [Conformance("CSIInlineVolumes should support CSIVolumeSource in Pod API")]
    [Conformance("Pods should be updated")]
    [Conformance("Pods should delete a collection of pods")]
    [Conformance("Pods should run through the lifecycle of Pods and PodStatus")]
    [Conformance("Pods Extended Pods Set QOS Class should be set on Pods with matching resource requests and limits for memory and cpu")]
    public async Task Pods_are_created_changed_listed_everywhere_and_deleted_together()
    {
        var space = await ApiSpace.CreateAsync(cluster);
        var path = space.Path("pods");
        await PodAsync("inline", """ "volumes":[{"name":"v","csi":{"driver":"inline.example.com","volumeAttributes":{"a":"b"}}}], """, "");
        Assert.Equal("inline.example.com", (string?)(await space.GetAsync($"{path}/inline"))["spec"]!["volumes"]![0]!["csi"]!["driver"]);
        await PodAsync("full", "", """ ,"resources":{"requests":{"cpu":"100m","memory":"100Mi"},"limits":{"cpu":"100m","memory":"100Mi"}} """);
        Assert.Equal("Guaranteed", (string?)(await space.GetAsync($"{path}/full"))["status"]!["qosClass"]);

        var updated = await space.UpdateAsync($"{path}/full", p => p["metadata"]!["labels"]!["time"] = "later");
        Assert.Equal("later", (string?)updated["metadata"]!["labels"]!["time"]);
        await space.PatchAsync($"{path}/full", """{"metadata":{"labels":{"patched":"yes"}},"spec":{"containers":[{"name":"c","image":"other"}]}}""", "application/strategic-merge-patch+json");
        await space.Kubectl.WaitForAsync($"get pods -A -l of={space.Kubectl.Space},patched=yes -o jsonpath={{.items[*].spec.containers[0].image}}", t => t == "other");
        await space.Kubectl.WaitForAsync("get pod full -o jsonpath={.status.phase}", t => t == "Running");
        var ready = await space.PatchAsync($"{path}/full/status", """{"status":{"conditions":[{"type":"Told","status":"True"}]}}""", "application/strategic-merge-patch+json");
        Assert.Contains(ready["status"]!["conditions"]!.AsArray(), c => (string?)c!["type"] == "Told");
        await PodAsync("third", "", "");
        await space.DeleteAsync($"{path}?labelSelector=of%3D{space.Kubectl.Space}");
        await space.Kubectl.WaitForAsync("get pods -o name", t => t.Length == 0);

        Task PodAsync(string name, string spec, string container) => cluster.Node.AskAsync(HttpMethod.Post, path, $$"""
            {"metadata":{"name":"{{name}}","labels":{"of":"{{space.Kubectl.Space}}"} },"spec":{ {{spec}} "terminationGracePeriodSeconds":0,"containers":[{"name":"c","image":"x" {{container}} }]} }
            """);
    }

    private static string PathOf(string resource, string space)
    {
        var kind = new ResourceRegistry().ByResource(resource)!;
        return $"/{(kind.Group.Length == 0 ? "api" : "apis")}/{kind.ApiVersion}{(kind.Namespaced ? $"/namespaces/{space}" : "")}/{kind.Plural}";
    }

    private async Task RefusedAsync(HttpMethod method, string path, string body)
    {
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => cluster.Node.AskAsync(method, path, body, method == HttpMethod.Post ? "application/json" : ApiSpace.Merge));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
    }

    // Whether an object has everything of another one.
    private static bool IsPart(JsonNode part, JsonNode? whole) => part is JsonObject o ? o.All(f => f.Value is not null && IsPart(f.Value, whole?[f.Key])) : part is JsonArray a
        ? whole is JsonArray all && a.All(i => all.Any(w => IsPart(i!, w))) : JsonNode.DeepEquals(part, whole);
}
