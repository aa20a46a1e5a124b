using System.Net.WebSockets;
using System.Text;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Conformance.Containers;

/// <summary>Commands and logs for clients that speak WebSocket by themselves.</summary>
[Collection(ContainersHost.Name)]
public sealed class WebSocketSpec(ContainersHost host)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("channel.k8s.io", "echo%20remote", "1:remote\n")]
    [InlineData("channel.k8s.io", "echo%20no%20%3E%262%3B%20exit%203", "2:no\n|3:command terminated with non-zero exit code: exit code 3")]
    [InlineData("v4.channel.k8s.io", "echo%20remote", "1:remote\n|3:{\"metadata\":{},\"status\":\"Success\"}")]
    [Conformance("Pods should support remote command execution over websockets")]
    public async Task A_command_is_run_over_a_websocket(string protocol, string script, string expected)
    {
        await TalkingAsync();
        var said = await AllAsync("exec?stdout=true&stderr=true&command=sh&command=-c&command=" + script, protocol);
        Assert.Equal(expected, string.Join('|', said.Where(m => m.Length > 1).GroupBy(m => m[0]).Select(g => $"{g.Key}:{string.Concat(g.Select(m => Encoding.UTF8.GetString(m.AsSpan(1))))}")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&follow=true")]
    [Conformance("Pods should support retrieving logs from the container over websockets")]
    public async Task A_log_is_read_over_a_websocket(string query)
    {
        await TalkingAsync();
        Assert.StartsWith("container is alive\n", Encoding.UTF8.GetString([.. (await AllAsync($"log?container=main{query}", "binary.k8s.io", isEnough: m => m.Length > 0)).SelectMany(m => m)]), StringComparison.Ordinal);
    }

    private async Task TalkingAsync()
    {
        try
        {
            await CreateAsync(host.Node, "talking", "Always", $$"""
                "containers": [ {{Runs("echo container is alive; sleep 3600")}} } ]
                """);
        }
        catch (HttpRequestException e) when (e.StatusCode == System.Net.HttpStatusCode.Conflict)
        {
        }

        await PodIsAsync(host.Node, "talking", p => (string?)p["status"]!["phase"] == "Running");
    }

    // The messages until the server closes, or until there are enough.
    private async Task<IReadOnlyList<byte[]>> AllAsync(string path, string protocol, Func<byte[], bool>? isEnough = null)
    {
        using var bound = new CancellationTokenSource(Bound);
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(protocol);
        var address = new UriBuilder(new Uri(host.Node.Admin.BaseAddress!, $"/api/v1/namespaces/default/pods/talking/{path}")) { Scheme = "wss" }.Uri;
        await socket.ConnectAsync(address, host.Node.Admin, bound.Token);
        Assert.Equal(protocol, socket.SubProtocol);
        var (messages, buffer) = (new List<byte[]>(), new byte[64 * 1024]);
        while (await socket.ReceiveAsync(buffer.AsMemory(), bound.Token) is { MessageType: not WebSocketMessageType.Close } read)
        {
            messages.Add(buffer[..read.Count]);
            if (isEnough?.Invoke(messages[^1]) == true)
            {
                break;
            }
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", bound.Token);
        return messages;
    }
}
