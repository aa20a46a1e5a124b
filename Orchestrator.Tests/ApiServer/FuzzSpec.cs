using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.ApiServer;

/// <summary>Valid requests, bent in ten thousand repeatable ways: never a server error, always an answer in time.</summary>
public sealed class FuzzSpec
{
    private const int Count = 10_000;
    private const int Parallel = 16;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    private static readonly string[] Types =
    [
        "application/json", "application/json", "application/json", "application/yaml", "application/merge-patch+json",
        "application/strategic-merge-patch+json", "application/json-patch+json", "text/plain", "application/vnd.kubernetes.protobuf",
    ];

    private static readonly (string Method, string Path, string Body)[] Seeds =
    [
        ("POST", "/api/v1/namespaces/default/pods", """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"f","labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"m","image":"i","ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"1"}},"livenessProbe":{"httpGet":{"port":80}}}],"tolerations":[{"key":"a","operator":"Exists"}]}}"""),
        ("POST", "/apis/apps/v1/namespaces/default/deployments", """{"metadata":{"name":"f"},"spec":{"replicas":0,"strategy":{"rollingUpdate":{"maxSurge":"25%"}},"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"m","image":"i"}]}}}}"""),
        ("POST", "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"f","annotations":{"a":"b"}},"data":{"a":"b"}}"""),
        ("POST", "/api/v1/namespaces/default/secrets", """{"metadata":{"generateName":"f-"},"stringData":{"a":"b"},"type":"Opaque"}"""),
        ("POST", "/api/v1/namespaces/default/services", """{"metadata":{"name":"f"},"spec":{"selector":{"a":"b"},"ports":[{"port":80,"targetPort":"web"}]}}"""),
        ("PUT", "/api/v1/namespaces/default/configmaps/base", """{"metadata":{"name":"base","resourceVersion":"1"},"data":{"a":"b"}}"""),
        ("PATCH", "/api/v1/namespaces/default/configmaps/base", """{"metadata":{"labels":{"a":null}},"data":{"$patch":"replace","x":"y"}}"""),
        ("PATCH", "/api/v1/namespaces/default/configmaps/base", """[{"op":"add","path":"/data/q","value":"1"},{"op":"test","path":"/data/q","value":"1"},{"op":"move","from":"/data/q","path":"/data/r"}]"""),
        ("PATCH", "/apis/apps/v1/namespaces/default/deployments/base/scale", """{"spec":{"replicas":0}}"""),
        ("PATCH", "/apis/apps/v1/namespaces/default/deployments/base/status", """{"status":{"replicas":0,"conditions":[{"type":"A","status":"True"}]}}"""),
        ("DELETE", "/api/v1/namespaces/default/configmaps/none", """{"gracePeriodSeconds":0,"propagationPolicy":"Background","preconditions":{"uid":"a"}}"""),
        ("GET", "/api/v1/namespaces/default/pods?limit=5&labelSelector=a%3Db,c%20in%20(d)&fieldSelector=metadata.name%3Da&resourceVersion=0", ""),
        ("GET", "/api/v1/nodes?continue=YQ%3D%3D&limit=1", ""),
        ("GET", "/api/v1/namespaces/default/pods/none/log?tailLines=5&sinceSeconds=1", ""),
        ("GET", "/apis/apps/v1/deployments?watch=true&timeoutSeconds=1&resourceVersion=5", ""),
    ];

    private static readonly string[] Scraps =
    [
        "null", "[]", "{}", "-1", "1e400", "99999999999999999999", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "true", "0.5", "{\"a\":{}}", "[null]", "[[[[", "}", ",", ":",
        "\"a b\"", "\"é🙂\"", "%", "%00", "&", "=", "/", "..", "\"Kind\":1,", "&a *a", "\n", "\"spec\":[],", "\"metadata\":null,",
    ];

    [Fact]
    public async Task AnswersEveryMutationInTimeAndWithoutServerError()
    {
        await using var node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1));
        await node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"base"},"data":{"a":"b"}}""");
        await node.AskAsync(HttpMethod.Post, "/apis/apps/v1/namespaces/default/deployments", Seeds[1].Body.Replace("\"f\"", "\"base\"", StringComparison.Ordinal));
        using var client = TokenClient.Of(node);
        var wrong = new ConcurrentQueue<string>();
        await System.Threading.Tasks.Parallel.ForEachAsync(Enumerable.Range(0, Count), new ParallelOptions { MaxDegreeOfParallelism = Parallel },
            async (i, cancellation) => await OneAsync(client, i, wrong, cancellation));
        Assert.True(wrong.IsEmpty, string.Join(Environment.NewLine, wrong.Take(20)));
        using var ready = await node.Anonymous.GetAsync(new Uri("/readyz", UriKind.Relative));
        Assert.True(ready.IsSuccessStatusCode, node.Output);
    }

    private static async Task OneAsync(HttpClient client, int seed, ConcurrentQueue<string> wrong, CancellationToken cancellation)
    {
        var random = new Random(seed);
        var (method, path, body) = Seeds[random.Next(Seeds.Length)];
        var type = method == "PATCH" && random.Next(3) > 0 ? Types[4 + random.Next(3)] : Types[random.Next(Types.Length)];
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            (path, body) = random.Next(4) == 0 ? (Bent(random, path, 8), body) : (path, Bent(random, body, 0));
        }

        // A watch without a bound of its own would rightly stay open.
        path = path.Replace("watch=", "w=", StringComparison.Ordinal).Replace("follow=", "f=", StringComparison.Ordinal);
        if (!Uri.TryCreate(client.BaseAddress, Escaped(path), out var uri) || uri.Authority != client.BaseAddress!.Authority)
        {
            return;
        }

        using var request = new HttpRequestMessage(new HttpMethod(method), uri);
        if (method != "GET")
        {
            request.Content = new ByteArrayContent(random.Next(50) == 0 ? [.. Encoding.UTF8.GetBytes(body), 0xff, 0xc0] : Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }

        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(Bound);
        var what = string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {method} {uri.PathAndQuery} {type} {body}");
        try
        {
            using var response = await client.SendAsync(request, bound.Token);
            var text = await response.Content.ReadAsStringAsync(bound.Token);
            if ((int)response.StatusCode >= 500)
            {
                wrong.Enqueue($"{what}: {(int)response.StatusCode} {text}");
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException)
        {
            wrong.Enqueue($"{what}: {e.GetType().Name} {e.Message}");
        }
    }

    private static string Bent(Random random, string text, int from)
    {
        if (text.Length <= from)
        {
            return text + Scraps[random.Next(Scraps.Length)];
        }

        var at = random.Next(from, text.Length);
        var end = Math.Min(text.Length, at + random.Next(1, 12));
        var value = text.IndexOf(':', at);
        return random.Next(6) switch
        {
            0 => text[..at] + text[end..],
            1 => text[..at],
            2 => text[..at] + Scraps[random.Next(Scraps.Length)] + text[at..],
            3 => text[..at] + text[at..end] + text[at..],
            4 => text[..at] + (char)random.Next(32, 127) + text[(at + 1)..],
            _ when value > 0 && from == 0 => text[..(value + 1)] + Scraps[random.Next(Scraps.Length)] + text[Math.Min(text.Length, value + random.Next(2, 8))..],
            _ => text[..at] + Scraps[random.Next(Scraps.Length)] + text[end..],
        };
    }

    // What a client may put on the wire: visible ASCII, no fragment.
    private static string Escaped(string path) => string.Concat(path.TrimStart('/').Prepend('/').Select(c =>
        c is > ' ' and < (char)127 and not '#' and not '"' and not '\\' ? c.ToString() : Uri.EscapeDataString(char.IsSurrogate(c) ? "?" : c.ToString())));
}
