using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.NetworkPolicies;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Tests.Policies;

/// <summary>Groups that are kept change by change are those that one finds by looking at everything.</summary>
public sealed class PeerGroupsSpec
{
    private static readonly string[] Peers = ["""{"podSelector":{}}""", """{"podSelector":{"matchLabels":{"l":"1"}}}""", """{"namespaceSelector":{}}""", """{"namespaceSelector":{"matchLabels":{"l":"1"}},"podSelector":{"matchLabels":{"l":"2"}}}"""];

    [Fact]
    public void Any_changes_come_to_the_same_as_a_look_at_everything() => Gen.Select(Gen.Int[0, 6], Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[0, 3]).Array[1, 40].Sample(steps =>
    {
        var (pods, policies, labels) = (new Dictionary<ObjectKey, KubeObject>(), new Dictionary<ObjectKey, KubeObject>(), new Dictionary<string, string>());
        var groups = Groups(pods, labels);
        var told = new Dictionary<string, HashSet<string>>();
        foreach (var (step, ns, name, more) in steps)
        {
            switch (step)
            {
                case 0 or 1:
                    var pod = Pod($"n{ns}", name, more);
                    pods[pod.Key] = pod;
                    groups.PutPod(pod);
                    break;
                case 2:
                    var gone = PodDefinition.Instance.Key($"n{ns}", $"p{name}");
                    pods.Remove(gone);
                    groups.RemovePod(gone);
                    break;
                case 3:
                    var policy = Policy($"n{ns}", name, more);
                    policies[policy.Key] = policy;
                    groups.Put(policy);
                    break;
                case 4:
                    var former = NetworkPolicyDefinition.Instance.Key($"n{ns}", $"p{name}");
                    policies.Remove(former);
                    groups.Remove(former);
                    break;
                case 5 when pods.TryGetValue(PodDefinition.Instance.Key($"n{ns}", $"p{name}"), out var present):
                    // With the same labels, or with nothing at all that policies see.
                    var changed = more == 0 ? """{ "metadata": { "annotations": { "a": "b" } } }""" : $$"""{ "status": { "podIP": "10.0.0.{{more}}" } }""";
                    groups.PutPod(pods[present.Key] = KubeObject.Next(PodDefinition.Instance, present, (JsonObject)JsonNode.Parse(changed)!, 2));
                    break;
                default:
                    labels[$"n{ns}"] = $"{more}";
                    groups.PutNamespace($"n{ns}");
                    break;
            }

            foreach (var news in groups.Take())
            {
                var members = news.IsWhole ? told[news.Id] = [] : told[news.Id];
                members.ExceptWith(news.Removed);
                members.UnionWith(news.Added);
            }
        }

        var fresh = Groups(pods, labels);
        foreach (var policy in policies.Values)
        {
            fresh.Put(policy);
        }

        var expected = fresh.All.OrderBy(g => g.Id, StringComparer.Ordinal).Select(g => $"{g.Id}: {string.Join(' ', g.Added.Order(StringComparer.Ordinal))}").ToList();
        Assert.Equal(expected, groups.All.OrderBy(g => g.Id, StringComparer.Ordinal).Select(g => $"{g.Id}: {string.Join(' ', g.Added.Order(StringComparer.Ordinal))}"));
        Assert.Equal(expected, fresh.All.OrderBy(g => g.Id, StringComparer.Ordinal).Select(g => $"{g.Id}: {string.Join(' ', told[g.Id].Order(StringComparer.Ordinal))}"));
    }, iter: 2000);

    private static PeerGroups Groups(Dictionary<ObjectKey, KubeObject> pods, Dictionary<string, string> labels) =>
        new(ns => pods.Values.Where(p => ns is null || p.Namespace == ns), ns => labels.TryGetValue(ns, out var value) ? new Dictionary<string, string> { ["l"] = value } : []);

    // Pods share addresses now and then, as one that ends and one that begins do.
    private static KubeObject Pod(string ns, int name, int more) => KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
        { "metadata": { "name": "p{{name}}", "namespace": "{{ns}}", "uid": "{{ns}}{{name}}", "labels": { "l": "{{more}}" } },
          "spec": { "nodeName": "n", "containers": [ { "name": "c", "ports": [ { "name": "web", "containerPort": {{80 + more}} } ] } ] }, "status": { "phase": "{{(more == 3 ? "Failed" : "Running")}}", "podIP": "10.0.0.{{name / 2}}" } }
        """)!);

    private static KubeObject Policy(string ns, int name, int more) => KubeObject.From(NetworkPolicyDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
        { "metadata": { "name": "p{{name}}", "namespace": "{{ns}}", "uid": "u" }, "spec": { "podSelector": {}, "policyTypes": [ "Ingress", "Egress" ],
          "ingress": [ { "from": [ {{Peers[more]}} ] } ], "egress": [ { "to": [ {{Peers[name % Peers.Length]}} ], "ports": [ { "port": "web", "protocol": "TCP" } ] }, { "ports": [ { "port": "web" } ] } ] } }
        """)!);
}
