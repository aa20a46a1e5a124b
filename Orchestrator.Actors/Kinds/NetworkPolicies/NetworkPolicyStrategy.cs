using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.NetworkPolicies;

/// <summary>Rules of NetworkPolicies (Kubernetes, "Network Policies").</summary>
internal sealed class NetworkPolicyStrategy : ResourceStrategy
{
    private const string Ingress = "Ingress";
    private const string Egress = "Egress";
    private const int MaxTypes = 2;
    private const int MostCombinations = 1000;

    public override void Default(JsonObject o)
    {
        if (o["spec"] is not JsonObject spec)
        {
            return;
        }

        if (spec["policyTypes"] is not JsonArray { Count: > 0 })
        {
            spec["policyTypes"] = spec["egress"] is JsonArray { Count: > 0 } ? new JsonArray(Ingress, Egress) : new JsonArray(Ingress);
        }

        foreach (var port in Directions.SelectMany(d => JsonFilling.Items(spec, d.Rules)).SelectMany(r => JsonFilling.Items(r, "ports")))
        {
            port["protocol"] ??= "TCP";
        }
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var spec = o["spec"] as JsonObject;
        MetadataValidation.Selector(errors, "spec.podSelector", spec?["podSelector"] as JsonObject);
        var combinations = 0L;
        foreach (var (rules, peers) in Directions)
        {
            foreach (var (rule, i) in MetadataValidation.Items(spec, rules))
            {
                // Each peer with each named port is a group that control hosts keep and agents are told of.
                var named = MetadataValidation.Items(rule, "ports").Count(p => p.Item["port"] is JsonValue port && port.AsInt64() is null);
                combinations += Math.Max(1, MetadataValidation.Items(rule, peers).Count()) * (1L + named);
                foreach (var (port, n) in MetadataValidation.Items(rule, "ports"))
                {
                    Port($"spec.{rules}[{i}].ports[{n}]", port, errors);
                }

                foreach (var (peer, n) in MetadataValidation.Items(rule, peers))
                {
                    Peer($"spec.{rules}[{i}].{peers}[{n}]", peer, errors);
                }
            }
        }

        if (combinations > MostCombinations)
        {
            errors.Invalid("spec", combinations, $"must have at most {MostCombinations} peers, each counted once more for each named port beside it: divide the policy");
        }

        var types = (spec?["policyTypes"] as JsonArray ?? []).Select(t => (string?)t).ToList();
        if (types.Count > MaxTypes)
        {
            errors.Invalid("spec.policyTypes", spec!["policyTypes"], "may not specify more than two policyTypes");
        }

        for (var i = 0; i < types.Count; i++)
        {
            errors.OneOf($"spec.policyTypes[{i}]", types[i], Egress, Ingress);
        }
    }

    private static (string Rules, string Peers)[] Directions => [("ingress", "from"), ("egress", "to")];

    private static void Port(string path, JsonObject port, FieldErrors errors)
    {
        errors.OneOf($"{path}.protocol", (string?)port["protocol"], "SCTP", "TCP", "UDP");
        if (port["port"] is { } number)
        {
            errors.Port($"{path}.port", number, mayBeName: true);
        }

        if (port["endPort"].AsInt64() is not { } end)
        {
            return;
        }

        errors.Port($"{path}.endPort", port["endPort"]);
        if (port["port"] is null)
        {
            errors.Invalid($"{path}.endPort", end, "may not be specified when `port` is not specified");
        }
        else if (port["port"].AsInt64() is not { } begin)
        {
            errors.Invalid($"{path}.endPort", end, "may not be specified when `port` is non-numeric");
        }
        else if (end < begin)
        {
            errors.Invalid($"{path}.endPort", end, "must be greater than or equal to `port`");
        }
    }

    private static void Peer(string path, JsonObject peer, FieldErrors errors)
    {
        MetadataValidation.Selector(errors, $"{path}.podSelector", peer["podSelector"] as JsonObject);
        MetadataValidation.Selector(errors, $"{path}.namespaceSelector", peer["namespaceSelector"] as JsonObject);
        var isOfPods = (peer["podSelector"] ?? peer["namespaceSelector"]) is not null;
        if (peer["ipBlock"] is JsonObject block)
        {
            Block($"{path}.ipBlock", block, errors);
            if (isOfPods)
            {
                errors.Forbidden(path, "may not specify both ipBlock and another peer");
            }
        }
        else if (!isOfPods)
        {
            errors.Required(path, "must specify a peer");
        }
    }

    private static void Block(string path, JsonObject block, FieldErrors errors)
    {
        if ((string?)block["cidr"] is not { Length: > 0 } cidr)
        {
            errors.Required($"{path}.cidr");
            return;
        }

        var whole = IpAddresses.Range(cidr);
        if (whole is null)
        {
            errors.Invalid($"{path}.cidr", cidr, IpAddresses.NoRange);
        }

        var excepted = (block["except"] as JsonArray ?? []).Select(e => (string?)e ?? "").ToList();
        for (var i = 0; i < excepted.Count; i++)
        {
            if (IpAddresses.Range(excepted[i]) is not { } part)
            {
                errors.Invalid($"{path}.except[{i}]", excepted[i], IpAddresses.NoRange);
            }
            else if (whole is { } outer && (part.BaseAddress.AddressFamily != outer.BaseAddress.AddressFamily || !outer.Contains(part.BaseAddress) || part.PrefixLength <= outer.PrefixLength))
            {
                errors.Invalid($"{path}.except[{i}]", excepted[i], "must be a strict subset of `cidr`");
            }
        }
    }
}
