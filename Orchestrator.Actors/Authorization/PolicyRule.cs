using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Authorization;

/// <summary>A rule of a role: verbs that are allowed on objects or on paths (Kubernetes, PolicyRule). There are no rules that forbid.</summary>
/// <param name="Verbs"><c>*</c> for all.</param>
/// <param name="Groups">API groups; <c>*</c> for all.</param>
/// <param name="Resources">Such as <c>pods</c>, <c>pods/log</c>, <c>*/scale</c>; <c>*</c> for all.</param>
/// <param name="Names">Names of objects; empty for all.</param>
/// <param name="Paths">Paths; one that ends with <c>*</c> covers all that begin so.</param>
public sealed record PolicyRule(ImmutableArray<string> Verbs, ImmutableArray<string> Groups, ImmutableArray<string> Resources, ImmutableArray<string> Names, ImmutableArray<string> Paths)
{
    private const string All = "*";

    /// <summary>Everything on every object.</summary>
    public static readonly PolicyRule Everything = new([All], [All], [All], [], []);

    /// <summary>Everything on every path.</summary>
    public static readonly PolicyRule EveryPath = new([All], [], [], [], [All]);

    /// <summary>Reads the rules of a role.</summary>
    public static ImmutableArray<PolicyRule> Of(KubeObject role) => [.. (role.ToNode()["rules"] as JsonArray ?? []).OfType<JsonObject>().Select(r =>
        new PolicyRule(Texts(r, "verbs"), Texts(r, "apiGroups"), Texts(r, "resources"), Texts(r, "resourceNames"), Texts(r, "nonResourceURLs")))];

    /// <summary>Whether the rule allows a request.</summary>
    public bool Allows(AccessRequest request) => Has(Verbs, request.Verb)
        && (request.IsPath ? Paths.Any(p => Covers(p, request.Path))
            : Has(Groups, request.Group) && CoversResource(request) && (Names.IsEmpty || Names.Contains(request.Name)));

    private bool CoversResource(AccessRequest request) => Has(Resources, request.FullResource)
        || (request.Subresource.Length > 0 && Resources.Contains($"{All}/{request.Subresource}"));

    private static bool Covers(string rule, string path) => rule == path || (rule.EndsWith('*') && path.StartsWith(rule[..^1], StringComparison.Ordinal));

    private static bool Has(ImmutableArray<string> of, string value) => of.Contains(All) || of.Contains(value);

    private static ImmutableArray<string> Texts(JsonObject rule, string name) => [.. (rule[name] as JsonArray ?? []).Select(t => (string?)t ?? "")];
}
