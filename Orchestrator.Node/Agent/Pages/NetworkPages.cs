using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Node.Dns;
using Orchestrator.Node.Packets;
using Orchestrator.Node.Policies;
using Orchestrator.Node.Proxy;

namespace Orchestrator.Node.Agent.Pages;

/// <summary>The pages <c>/network/services/NAMESPACE/NAME</c> and <c>/network/pods/NAMESPACE/NAME</c> of a node: what packets of its pods meet. Pure.</summary>
internal static class NetworkPages
{
    /// <summary>What the node knows of a service, and what its packets and questions for names meet.</summary>
    public static JsonObject Of(ServiceProxyActor.Shown shown)
    {
        var page = new JsonObject
        {
            ["copy"] = new JsonObject { ["source"] = shown.Source, ["version"] = shown.Version },
            ["isInForce"] = shown.IsInForce,
            ["names"] = new JsonArray([.. shown.Names.Select(n => (JsonNode)new JsonObject { ["name"] = n.Name, ["type"] = n.Type, ["answer"] = Text(n.Answer) })]),
            ["rules"] = Rules(shown.Rules),
        };
        if (!shown.Routes.IsEmpty)
        {
            // The ports of all families are the same.
            page["ports"] = new JsonArray([.. shown.Routes[0].Ports.Select((p, i) => (p, All: shown.Routes.Select(r => (Route: r, Port: r.Ports[i])).ToList())).Select(p => (JsonNode)new JsonObject
            {
                ["port"] = p.p.Number,
                ["protocol"] = p.p.Protocol,
                ["nodePort"] = p.p.NodePort,
                ["endpoints"] = new JsonArray([.. p.All.SelectMany(r => r.Port.Endpoints).Select(e => (JsonNode)new JsonObject { ["address"] = e.Address, ["port"] = e.Port, ["isHere"] = e.IsLocal, ["isReady"] = e.IsReady, ["isDraining"] = e.IsDraining })]),
                ["fromPods"] = Addresses(p.All.SelectMany(r => ServiceRules.Used(r.Route.IsInternalLocal ? r.Port.Endpoints.Where(e => e.IsLocal) : r.Port.Near))),
                ["fromOutside"] = Addresses(p.All.SelectMany(r => ServiceRules.Used(r.Route.IsExternalLocal ? r.Port.Endpoints.Where(e => e.IsLocal) : r.Port.Near))),
            })]);
        }

        return page;
    }

    /// <summary>What the policies of a pod are, and what they say of a connection.</summary>
    public static JsonObject Of(PolicyActor.Judgement judgement)
    {
        var page = new JsonObject
        {
            ["address"] = judgement.Address,
            ["isInForce"] = judgement.IsInForce,
            ["policies"] = Texts(judgement.Policies),
            ["rules"] = Rules(judgement.Rules),
        };
        if (judgement.Verdict is { } verdict)
        {
            page["connection"] = new JsonObject { ["isAllowed"] = verdict.IsAllowed, ["restricting"] = Texts(verdict.Restricting), ["allowedBy"] = verdict.AllowedBy };
        }

        return page;
    }

    private static JsonObject Rules(OwnedRules rules) => new()
    {
        ["chains"] = new JsonObject(rules.Chains.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)Texts(c.Value)))),
        ["elements"] = Texts(rules.Elements.OrderBy(e => e.Key.Map, StringComparer.Ordinal).ThenBy(e => e.Key.Key, StringComparer.Ordinal).Select(e => $"{e.Key.Map} {{ {e.Key.Key}{(e.Value.Length == 0 ? "" : $" : {e.Value}")} }}")),
    };

    private static JsonArray Addresses(IEnumerable<RoutedEndpoint> endpoints) => Texts(endpoints.Select(e => e.Text));

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);

    private static string Text(DnsAnswer? answer) => answer switch
    {
        null => "not a name of the cluster",
        { Exists: false } => "no such name",
        { Records.IsEmpty: true } => "nothing of this type",
        _ => string.Join(", ", answer.Records.Select(r => r.Address?.ToString() ?? (r.Port > 0 ? string.Create(CultureInfo.InvariantCulture, $"{r.Target}:{r.Port}") : r.Target ?? r.Text))),
    };
}
