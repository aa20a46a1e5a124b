using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Cli;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Cli;

/// <summary>An API server of canned answers, and orc in front of it.</summary>
internal sealed class FakeCluster : HttpMessageHandler
{
    private readonly Dictionary<string, Queue<(HttpStatusCode Code, string Body)>> _answers = [];

    // Kinds whose names are more than one word.
    private static readonly string[] Kinds =
    [
        "ConfigMap", "ServiceAccount", "ResourceQuota", "ReplicaSet", "DaemonSet", "StatefulSet", "ControllerRevision", "CronJob",
        "HorizontalPodAutoscaler", "PodDisruptionBudget", "PriorityClass",
    ];

    private readonly List<string> _versions = [];

    public FakeCluster()
    {
        On("GET /openapi/v3/api/v1", PublishedSchemas.Document("api/v1").ToJsonString());
        On("GET /openapi/v3/apis/apps/v1", PublishedSchemas.Document("apis/apps/v1").ToJsonString());
        Serve("v1", "pods,po pods/log nodes,no! configmaps,cm secrets services,svc namespaces,ns! serviceaccounts,sa resourcequotas,quota");
        Serve("apps/v1", "deployments,deploy replicasets,rs daemonsets,ds statefulsets,sts controllerrevisions");
        Serve("batch/v1", "jobs cronjobs,cj");
        Serve("autoscaling/v2", "horizontalpodautoscalers,hpa");
        Serve("policy/v1", "poddisruptionbudgets,pdb");
        Serve("scheduling.k8s.io/v1", "priorityclasses,pc!");
        var groups = _versions.Skip(1).Select(v => new JsonObject { ["name"] = v.Split('/')[0], ["preferredVersion"] = new JsonObject { ["groupVersion"] = v } });
        On("GET /apis", new JsonObject { ["kind"] = "APIGroupList", ["groups"] = new JsonArray([.. groups]) }.ToJsonString());
    }

    public List<(string Request, string Accept, string? Type, JsonNode? Body)> Requests { get; } = [];

    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    public FakeTimeProvider Time { get; } =
        new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };

    public void On(string request, string body, HttpStatusCode code = HttpStatusCode.OK) => _answers[request] = new([(code, body)]);

    /// <summary>The answer after those before it; the last one stays.</summary>
    public void Then(string request, string body, HttpStatusCode code = HttpStatusCode.OK) => _answers[request].Enqueue((code, body));

    public void Refuse(string request, HttpStatusCode code, string reason, string message) => On(request,
        new JsonObject { ["kind"] = "Status", ["status"] = "Failure", ["reason"] = reason, ["message"] = message, ["code"] = (int)code }.ToJsonString(), code);

    /// <summary>The words that a shell would offer behind a line.</summary>
    public async Task<string[]> CompleteAsync(string line)
    {
        // The line of a shell names no kubeconfig, so it is put where the option is understood: before the words.
        var file = WriteKubeconfig();
        try
        {
            var at = line.IndexOf(' ', StringComparison.Ordinal) + 1;
            var full = $"{line[..at]}--kubeconfig {file} {line[at..]}";
            await RunAsync([$"[suggest:{full.Length}]", full], "");
            return Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Runs orc to its end and keeps what it printed.</summary>
    public async Task<int> OrcAsync(string line, string input = "", string trailing = "")
    {
        var file = WriteKubeconfig();
        try
        {
            return await RunAsync([.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--kubeconfig", file, .. trailing.Split(' ', StringSplitOptions.RemoveEmptyEntries)], input);
        }
        finally
        {
            File.Delete(file);
        }
    }

    // Resources as "plural,short", with "!" behind those without a namespace.
    private void Serve(string version, string resources)
    {
        _versions.Add(version);
        var list = new JsonArray([.. resources.Split(' ').Select(r =>
        {
            var (names, singular) = (r.TrimEnd('!').Split(','), Singular(r.TrimEnd('!').Split(',')[0]));
            return new JsonObject
            {
                ["name"] = names[0],
                ["singularName"] = singular,
                ["namespaced"] = r[^1] != '!',
                ["kind"] = Kinds.FirstOrDefault(k => k.ToLowerInvariant() == singular) ?? char.ToUpperInvariant(singular[0]) + singular[1..],
                ["shortNames"] = new JsonArray([.. names.Skip(1).Select(n => JsonValue.Create(n))]),
                ["categories"] = names[0] is "pods" or "deployments" ? new JsonArray("all") : [],
                ["verbs"] = new JsonArray("get"),
            };
        })]);
        On($"GET /{(version == "v1" ? "api" : "apis")}/{version}", new JsonObject { ["kind"] = "APIResourceList", ["groupVersion"] = version, ["resources"] = list }.ToJsonString());
    }

    private static string Singular(string plural) => plural.EndsWith("sses", StringComparison.Ordinal) ? plural[..^2] : plural[..^1];

    private static string WriteKubeconfig()
    {
        var file = Path.Combine(Path.GetTempPath(), $"kubeconfig-{Guid.NewGuid():n}");
        File.WriteAllText(file, """
            clusters: [{name: c, cluster: {server: "http://cluster.test"}}]
            users: [{name: u, user: {token: secret}}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            current-context: x
            """);
        return file;
    }

    private async Task<int> RunAsync(string[] args, string input)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var io = new CommandIo(() => new StringReader(input), output, error, HasColour: false, IsInteractive: false, Time, _ => this);
        var run = App.RunAsync(args, io).WaitAsync(TimeSpan.FromSeconds(30));
        while (!run.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        var code = await run;
        (Output, Error) = (output.ToString(), error.ToString());
        return code;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var name = $"{request.Method} {Uri.UnescapeDataString(request.RequestUri!.PathAndQuery)}";
        var body = request.Content is null ? null : JsonNode.Parse(await request.Content.ReadAsStringAsync(cancellationToken));
        Requests.Add((name, request.Headers.Accept.ToString(), request.Content?.Headers.ContentType?.MediaType, body));
        var (code, text) = _answers.TryGetValue(name, out var known) ? known.Count > 1 ? known.Dequeue() : known.Peek()
            : (HttpStatusCode.NotFound, $$"""{"kind":"Status","status":"Failure","reason":"NotFound","message":"{{name}} not found","code":404}""");
        return new HttpResponseMessage(code) { Content = new StringContent(text, Encoding.UTF8, "application/json") };
    }
}
