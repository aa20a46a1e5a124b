using System.Text.Json.Nodes;
using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Workload;

/// <summary>One client: it sends one request after the other, each to any host, and appends how it ended to the history.</summary>
internal abstract class Client(string name, FaultCluster cluster, History history, Random random)
{
    protected const string Maps = $"/api/v1/namespaces/{FaultCluster.Space}/configmaps";
    private static readonly TimeSpan Refused = TimeSpan.FromMilliseconds(200);

    protected string Name => name;

    protected Random Random => random;

    protected FaultCluster Cluster => cluster;

    /// <summary>Works until told to stop; a request under way is finished.</summary>
    /// <param name="pace">The longest pause between two requests.</param>
    /// <param name="stop">Tells it to stop.</param>
    public async Task RunAsync(TimeSpan pace, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await StepAsync();
            await Task.Delay(pace * random.NextDouble(), CancellationToken.None);
        }
    }

    /// <summary>Does the next thing.</summary>
    protected abstract Task StepAsync();

    /// <summary>Sends one request and keeps how it ended.</summary>
    /// <param name="operation">What is asked, of an object; the host is chosen here.</param>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">The object or collection.</param>
    /// <param name="body">Its body; null for none.</param>
    /// <param name="type">Its media type.</param>
    protected async Task<(Operation Operation, Answer Answer)> AskAsync(Operation operation, HttpMethod method, string path, JsonNode? body = null, string type = "application/json")
    {
        var host = cluster.Any(random);
        var began = history.Now;
        var answer = await host.Api.SendAsync(method, path, body, type);
        var ended = operation with
        {
            Client = name,
            Host = host.Name,
            Began = began,
            Ended = history.Now,
            Status = answer.Status,
            Outcome = answer.Outcome,
            Revision = answer.Revision,
            Message = answer.Message,
            Items = operation.Verb == Verb.List && answer.IsSuccess ? Versions(answer.Body!) : null,
        };
        history.Add(ended);
        if (!answer.IsSuccess)
        {
            await Task.Delay(Refused, CancellationToken.None); // A refused connection costs nothing: the history would be full of them.
        }

        return (ended, answer);
    }

    protected static Operation Ask(Verb verb, string name) => new("", "", verb, name);

    /// <summary>Names and versions of a list's items.</summary>
    public static IReadOnlyDictionary<string, long> Versions(JsonNode list) => list["items"]!.AsArray()
        .ToDictionary(i => (string)i!["metadata"]!["name"]!, i => long.Parse((string)i!["metadata"]!["resourceVersion"]!));
}
