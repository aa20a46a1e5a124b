using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Node.ApiServer;
using Orchestrator.Node.Certificates;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.ApiServer;

/// <summary>What a request is answered when the entity refuses, is silent or fails: never that the object is not there.</summary>
public sealed class UnansweredSpec : IAsyncLifetime
{
    private const string Map = "/api/v1/namespaces/default/configmaps/m";
    private static readonly Authority Ca = new(Authority.Create("ca", DateTimeOffset.UtcNow));
    private readonly Told _log = new();
    private readonly JournalTable _journal = new("not-opened.db");
    private FedCache _fed = null!;

    public async Task InitializeAsync() => _fed = await FedCache.StartAsync();

    public async Task DisposeAsync()
    {
        _journal.Dispose();
        await _fed.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", Map, ApiReason.Timeout, 504, true)]
    [InlineData("GET", Map, ApiReason.ServiceUnavailable, 503, true)]
    [InlineData("GET", Map, ApiReason.InternalError, 500, false)]
    [InlineData("GET", Map, ApiReason.NotFound, 404, false)]
    [InlineData("PUT", Map, ApiReason.InsufficientStorage, 507, false)]
    [InlineData("GET", "/api/v1/namespaces/default/pods/p/log", ApiReason.Timeout, 504, true)]
    [InlineData("GET", "/apis/apps/v1/namespaces/default/deployments/d/scale", ApiReason.Timeout, 504, true)]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps", ApiReason.ServiceUnavailable, 503, true)]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps", ApiReason.Timeout, 504, false)]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps", ApiReason.NotFound, 404, false)]
    [InlineData("PUT", Map, ApiReason.Timeout, 504, false)]
    [InlineData("PUT", Map + "?dryRun=All", ApiReason.ServiceUnavailable, 503, true)]
    [InlineData("DELETE", Map + "?dryRun=All", ApiReason.ServiceUnavailable, 503, true)]
    [InlineData("DELETE", Map, ApiReason.Timeout, 504, false)]
    public async Task A_refusal_is_passed_on_and_says_whether_to_repeat(string method, string url, ApiReason reason, int code, bool mayRepeat)
    {
        var (response, status) = await AskAsync(method, url, _ => new CommandReply(null, new ApiError(reason, "why")));
        Assert.Equal((code, mayRepeat), (response.StatusCode, response.Headers.RetryAfter.Count > 0));
        Assert.Equal(mayRepeat ? 1 : null, (int?)status["details"]?["retryAfterSeconds"]);
    }

    [Fact]
    public async Task A_fault_of_ours_is_a_500_whose_id_the_log_has()
    {
        var (response, status) = await AskAsync("GET", Map, _ => throw new InvalidOperationException("a secret of the inside"));
        Assert.Equal(500, response.StatusCode);
        Assert.DoesNotContain("secret", status.ToJsonString(), StringComparison.Ordinal);
        var line = Assert.Single(_log.Lines);
        Assert.Contains("GET /api/v1/namespaces/default/configmaps/m", line, StringComparison.Ordinal);
        Assert.Contains(response.HttpContext.TraceIdentifier, line, StringComparison.Ordinal);
        Assert.Contains(response.HttpContext.TraceIdentifier, (string)status["message"]!, StringComparison.Ordinal);
    }

    private async Task<(HttpResponse Response, JsonNode Status)> AskAsync(string method, string url, Func<ObjectCommand, CommandReply> answer)
    {
        var services = new ApiServices(new Store(answer), _fed.Cache, _journal, TimeProvider.System, new RandomIdSource(), () => null, () => null, () => Akka.Actor.ActorRefs.Nobody) { Tokens = TestTokens.Of(Ca) };
        var http = new DefaultHttpContext { TraceIdentifier = "trace-7" };
        http.Request.Method = method;
        http.Request.Path = url.Split('?')[0];
        http.Request.QueryString = new QueryString(url.Contains('?', StringComparison.Ordinal) ? "?" + url.Split('?')[1] : "");
        http.Request.Headers.Authorization = "Bearer token";
        http.Request.Body = new MemoryStream(method is "POST" or "PUT" ? Encoding.UTF8.GetBytes("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"}}""") : []);
        using var body = new MemoryStream();
        http.Response.Body = body;
        await new KubernetesApi(services, TestTokens.Authenticator(Ca, "token", _fed.Cache), _log).HandleAsync(http);
        return (http.Response, JsonNode.Parse(body.ToArray())!);
    }

    private sealed class Store(Func<ObjectCommand, CommandReply> answer) : IObjectStore
    {
        public Task<CommandReply> SendAsync(ObjectCommand command, CancellationToken cancellation) => Task.FromResult(answer(command));
    }

    private sealed class Told : ILogger<KubernetesApi>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
