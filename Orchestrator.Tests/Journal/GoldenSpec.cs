using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.Events;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Kinds.ServiceAccounts;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Resources;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Journal;

/// <summary>
/// What stands in journals that exist must stay readable, so what is written is pinned: one file in Golden for every manifest. A new
/// manifest is added with ORCHESTRATOR_GOLDEN=write; a file that is there is never changed: what needs another form needs another version.
/// </summary>
public partial class GoldenSpec
{
    private static readonly string Folder = Path.Combine(Repository.Root, "Orchestrator.Tests", "Journal", "Golden");
    private static readonly DecideContext Context = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1_234_560), "5f0c7c1e-0000-4000-8000-000000000001");

    // Nothing of what is written is particular to other kinds: these stand for them.
    private static readonly ImmutableArray<ResourceDefinition> Pinned =
    [
        PodDefinition.Instance, NodeDefinition.Instance, NamespaceDefinition.Instance, ConfigMapDefinition.Instance, SecretDefinition.Instance, EventDefinition.Instance,
        DeploymentDefinition.Instance, ReplicaSetDefinition.Instance, ServiceDefinition.Instance, ServiceAccountDefinition.Instance,
    ];

    // Which of the verbs that not every kind has belong to which kind.
    private static readonly ImmutableArray<(ResourceDefinition Kind, string Verb)> Special =
    [
        (PodDefinition.Instance, "scheduled"), (PodDefinition.Instance, "unschedulable"), (PodDefinition.Instance, "reported"), (PodDefinition.Instance, "stopping"), (PodDefinition.Instance, "evicted"), (PodDefinition.Instance, "preempted"), (PodDefinition.Instance, "unready"),
        (NodeDefinition.Instance, "reported"), (NodeDefinition.Instance, "addressed"), (ServiceDefinition.Instance, "balanced"), (NodeDefinition.Instance, "lost"), (NodeDefinition.Instance, "tainted"), (NodeDefinition.Instance, "checked"), (NamespaceDefinition.Instance, "finalized"),
        (ReplicaSetDefinition.Instance, "scaled"), (DeploymentDefinition.Instance, "scaled"), (DeploymentDefinition.Instance, "progressed"), (DeploymentDefinition.Instance, "rolled-back"), (DeploymentDefinition.Instance, "configured"), (DeploymentDefinition.Instance, "start-gated"), (DeploymentDefinition.Instance, "gate-opened"),
        (PodDefinition.Instance, "adopted"), (ReplicaSetDefinition.Instance, "adopted"),

        // Of revisions of a template, of claims, of disruption budgets and of quotas, for which another kind stands.
        (ConfigMapDefinition.Instance, "renumbered"), (ConfigMapDefinition.Instance, "retained"), (ConfigMapDefinition.Instance, "disrupted"),
        (ConfigMapDefinition.Instance, "reserved"), (ConfigMapDefinition.Instance, "room-released"), (ConfigMapDefinition.Instance, "counted"),
        // Of claims and volumes.
        (ConfigMapDefinition.Instance, "class-assigned"), (ConfigMapDefinition.Instance, "claimed"), (ConfigMapDefinition.Instance, "unclaimed"), (ConfigMapDefinition.Instance, "bound"),
        (ConfigMapDefinition.Instance, "node-selected"), (ConfigMapDefinition.Instance, "deselected"), (ConfigMapDefinition.Instance, "prepared"), (ConfigMapDefinition.Instance, "expanded"), (ConfigMapDefinition.Instance, "attached"),
        .. Pinned.SelectMany(k => (string[])["orphaned", "released", "unblocked", "finalized"], (kind, verb) => (kind, verb)).Where(s => s is not ({ Kind: "Namespace" }, "finalized")),
    ];

    public static TheoryData<string> Manifests => [.. Events().Select(e => e.Manifest)];

    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).Where(n => n != ObjectSnapshotSerializer.Name).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Manifests))]
    public void What_is_written_is_what_always_was(string manifest) => Compare(manifest, ObjectEventCodec.Encode(Events().Single(e => e.Manifest == manifest)));

    [Fact]
    public void A_snapshot_is_what_it_always_was()
    {
        var state = State(PodDefinition.Instance);
        var snapshot = ObjectSnapshot.Of(state, state.Revision);
        Compare(ObjectSnapshotSerializer.Name, ObjectSnapshotSerializer.Encode(snapshot));
        Assert.Equal(snapshot, ObjectSnapshotSerializer.Decode(File.ReadAllBytes(Path.Combine(Folder, ObjectSnapshotSerializer.Name + ".json"))));
        Assert.Equal(state.Json.ToArray(), snapshot.ToObject(PodDefinition.Instance)!.Json.ToArray());

        // As they were written before quotes were escaped shortly.
        Assert.Equal("{\"a\":1}", ObjectSnapshotSerializer.Decode("""{"Json":"{\u0022a\u0022:1}","Revision":7}"""u8).Json);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void What_was_ever_written_is_read_and_folded(string manifest)
    {
        var bytes = File.ReadAllBytes(Path.Combine(Folder, manifest + ".json"));
        var e = ObjectEventCodec.Decode(manifest, bytes, 42);
        Assert.Equal(bytes, ObjectEventCodec.Encode(e));
        // Manifests of former versions lack the group.
        var noun = string.Join('.', manifest.Split('.')[..^2]);
        var kind = Pinned.Single(k => k.QualifiedSingular == noun || k.Singular == noun);
        var after = ObjectState.Apply(kind, e.IsCreation ? null : State(kind), e);
        Assert.Equal(e.IsDeletion ? null : 42, after?.Revision);
    }

    [Fact]
    public void Every_verb_in_the_code_has_a_file()
    {
        var verbs = new HashSet<string>();
        foreach (var folder in (string[])["Orchestrator.Actors", "Orchestrator.Node"])
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/Auth", StringComparison.Ordinal)))
            {
                // What roles speak of are verbs of requests.
                var text = File.ReadAllText(file);
                foreach (Match call in Merge().Matches(text))
                {
                    var argument = Arguments(text, call.Index + call.Length)[3];
                    if (!PassedOn().IsMatch(argument))
                    {
                        verbs.Add(Literal().Match(argument) is { Success: true } verb ? verb.Groups[1].Value : $"(none in {file})");
                    }
                }

                verbs.UnionWith(Named().Matches(text).Select(m => m.Groups[1].Value));
                if (Path.GetFileName(file) == "ObjectDecider.cs")
                {
                    verbs.UnionWith(Decided().Matches(text).Select(m => m.Groups[1].Value));
                }
            }
        }

        Assert.Superset(new HashSet<string> { "created", "deleted", "scheduled", "reported", "lost" }, verbs);
        Assert.Empty(verbs.Except(Events().Select(e => e.Verb)));
    }

    private static void Compare(string name, byte[] written)
    {
        var path = Path.Combine(Folder, name + ".json");
        if (!File.Exists(path) && Environment.GetEnvironmentVariable("ORCHESTRATOR_GOLDEN") == "write")
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllBytes(path, written);
        }

        Assert.True(File.Exists(path), $"{name} is written and there is no {path}.");
        Assert.Equal(File.ReadAllText(path), System.Text.Encoding.UTF8.GetString(written));
    }

    private static IEnumerable<ObjectEvent> Events()
    {
        foreach (var kind in Pinned)
        {
            yield return Created(kind);
            var key = State(kind).Key;
            yield return One(kind, new ReplaceObject(key, With(State(kind), o => o["metadata"]!["labels"]!["app"] = "other"), "", 0, "kubernetes-admin"));
            yield return One(kind, new DeleteObject(key, "kubernetes-admin", Propagation: "Foreground"));
            if (kind.HasStatus)
            {
                yield return One(kind, new ReplaceObject(key, With(State(kind), o => o["status"] = new JsonObject { ["observed"] = 1 }), "status", 0, "system:x", 12));
            }

            if (kind != NamespaceDefinition.Instance)
            {
                yield return One(kind, new DeleteObject(key, "kubernetes-admin"));
            }
        }

        var terminating = ObjectState.Apply(NamespaceDefinition.Instance, State(NamespaceDefinition.Instance), One(NamespaceDefinition.Instance, new DeleteObject(State(NamespaceDefinition.Instance).Key, "a")) with { Revision = 8 });
        var ended = ObjectDecider.Decide(NamespaceDefinition.Instance, terminating, new MergeObject(State(NamespaceDefinition.Instance).Key, "", new JsonObject { ["spec"] = new JsonObject { ["finalizers"] = null } },
            "finalized", "system:namespace-controller", 9), Context).Events;
        Assert.Equal(["finalized", "deleted"], ended.Select(e => e.Verb));
        foreach (var e in ended)
        {
            yield return e;
        }

        foreach (var (kind, verb) in Special.Where(s => s != (NamespaceDefinition.Instance, "finalized")))
        {
            var key = State(kind).Key;
            yield return One(kind, verb == "scheduled"
                ? new BindPod(key, "", "n1", "system:scheduler", 12, new JsonObject { ["scores"] = new JsonObject { ["n1"] = 87, ["n2"] = 13.5 } })
                : new MergeObject(key, "", new JsonObject { ["status"] = new JsonObject { ["phase"] = "Running", ["text"] = "ö \"<&>\" \u2028" }, ["spec"] = new JsonObject { ["gone"] = null, ["n"] = 3 } },
                    verb, $"system:{verb}", 12, null, [new RecordedEvent("Warning", "Reason", $"it was {verb}", "tester"), new RecordedEvent("Normal", "Other", "too", "tester")]));
        }
    }

    private static ObjectEvent One(ResourceDefinition kind, ObjectCommand command)
    {
        var decision = ObjectDecider.Decide(kind, State(kind), command, Context);
        Assert.Null(decision.Error);
        return Assert.Single(decision.Events);
    }

    private static ObjectEvent Created(ResourceDefinition kind) => Assert.Single(ObjectDecider.Decide(kind, null, new CreateObject(kind.Key("default", "a"), new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = "a", ["labels"] = new JsonObject { ["app"] = "web" }, ["annotations"] = new JsonObject { ["text"] = "a \"quoted\" ö <word>" } },
        ["spec"] = new JsonObject { ["n"] = 1, ["gone"] = true, ["list"] = new JsonArray(1, "b", new JsonObject { ["c"] = 1.5 }) },
    }, "kubernetes-admin"), Context).Events);

    private static KubeObject State(ResourceDefinition kind) => ObjectState.Apply(kind, null, Created(kind) with { Revision = 7 })!;

    private static JsonObject With(KubeObject o, Action<JsonObject> change)
    {
        var node = o.ToNode();
        change(node);
        return node;
    }

    // The arguments of a call, from behind its bracket.
    private static List<string> Arguments(string text, int from)
    {
        var (depth, start) = (0, from);
        List<string> arguments = [];
        for (var i = from; ; i++)
        {
            var c = text[i];
            if (c == '"')
            {
                i = text.IndexOf('"', i + 1);
            }
            else if (c is '(' or '[' or '{')
            {
                depth++;
            }
            else if (c is ')' or ']' or '}' && depth-- == 0)
            {
                arguments.Add(text[start..i]);
                return arguments;
            }
            else if (c == ',' && depth == 0)
            {
                arguments.Add(text[start..i]);
                start = i + 1;
            }
        }
    }

    [GeneratedRegex(@"new MergeObject\(")]
    private static partial Regex Merge();

    [GeneratedRegex("^\\s*\"([a-z-]+)\"\\s*$")]
    private static partial Regex Literal();

    // A verb that a caller names, where it is named.
    [GeneratedRegex("^\\s*[\\w.]*[vV]erb\\s*$")]
    private static partial Regex PassedOn();

    [GeneratedRegex("[vV]erb(?: \\{ get; init; \\})?(?::| =) \"([a-z-]+)\"")]
    private static partial Regex Named();

    [GeneratedRegex("\"([a-z-]+)\"\\)?, c, context")]
    private static partial Regex Decided();
}
