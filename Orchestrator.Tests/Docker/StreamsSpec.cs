using System.Net.Sockets;
using System.Security.Cryptography;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>exec, cp, attach and port-forward of real kubectls, old ones over SPDY and new ones over WebSockets, to real containers.</summary>
[Collection(StreamsHost.Name)]
public sealed class StreamsSpec(StreamsHost host)
{
    private const int Echoed = 100_000;
    private const int Lines = 250_000;
    private const int Large = 100_000_000;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    public static TheoryData<string> Versions => Kubectl.StreamVersions;

    [Theory, MemberData(nameof(Versions))]
    public async Task A_command_has_its_output_its_errors_and_its_exit_code(string version)
    {
        var ended = await host.Kubectl(version).RunAsync("exec", "web", "-c", "main", "--", "sh", "-c", "echo out; echo err >&2; exit 3");
        Assert.Equal((3, "out\n"), (ended.ExitCode, ended.Output));
        Assert.Contains("err\n", ended.Error, StringComparison.Ordinal);
        Assert.Contains("command terminated with exit code 3", ended.Error, StringComparison.Ordinal);
        Assert.Equal("in the other one\n", await host.Kubectl(version).SucceedAsync("exec web -c other -- cat /name"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_command_that_closes_its_output_is_waited_for(string version) => Assert.Equal(
        4, (await host.Kubectl(version).RunAsync("exec", "web", "-c", "main", "--", "sh", "-c", "exec >&- 2>&-; sleep 1; exit 4")).ExitCode);

    [Theory, MemberData(nameof(Versions))]
    public async Task Input_arrives_and_ends(string version)
    {
        var echoed = await host.Kubectl(version).FeedAsync("first\nsecond", "exec", "-i", "web", "-c", "main", "--", "sh", "-c", "cat; echo; echo done");
        Assert.Equal("first\nsecond\ndone\n", echoed.Succeeded());
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task What_is_large_arrives_whole_both_ways(string version)
    {
        using var folder = new TempFolder();
        var (there, back) = (folder.File("there"), folder.File("back"));
        await File.WriteAllBytesAsync(there, RandomNumberGenerator.GetBytes(Large));
        await host.Kubectl(version).SucceedAsync($"cp {there} web:/tmp/{version} -c main");
        await host.Kubectl(version).SucceedAsync($"cp web:/tmp/{version} {back} -c main");
        await host.Kubectl(version).SucceedAsync($"exec web -c main -- rm /tmp/{version}");
        Assert.Equal(Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(there))), Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(back))));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_terminal_has_a_size_that_changes(string version)
    {
        // script(1) gives kubectl a terminal of its own, whose size changes once the command has seen the first one.
        var kubectl = host.Kubectl(version);
        var seen = $"/seen-{version}";
        var command = $"until [ \"$(stty size)\" = \"33 111\" ]; do sleep 0.1; done; echo first > {seen}; until [ \"$(stty size)\" = \"40 120\" ]; do sleep 0.1; done; echo second; tty";
        var line = $"stty rows 33 cols 111; (trap '' TTOU; until {kubectl.Line($"exec web -c main -- test -e {seen}")} < /dev/null > /dev/null 2>&1; do sleep 0.2; done; "
            + $"stty -F /dev/tty rows 40 cols 120) & {kubectl.Line($"exec -it web -c main -- sh -c '{command}'")}; wait";
        var typed = await Command.RunAsync("script", ["-qec", line, "/dev/null"], Bound);
        Assert.Contains("second", typed.Output, StringComparison.Ordinal);
        Assert.Contains("/dev/pts/", typed.Output, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task What_cannot_run_is_said(string version)
    {
        var kubectl = host.Kubectl(version);
        Assert.Contains("executable file not found", (await kubectl.RunAsync("exec", "web", "-c", "main", "--", "no-such-thing")) is var r ? r.Output + r.Error : "", StringComparison.Ordinal);
        Assert.Contains("container nobody is not valid for pod web", await kubectl.FailAsync("exec web -c nobody -- true"), StringComparison.Ordinal);
        Assert.Contains("pods \"nowhere\" not found", await kubectl.FailAsync("exec nowhere -- true"), StringComparison.Ordinal);
        Assert.Contains("cannot exec into a container in a completed pod; current phase is Succeeded", await kubectl.FailAsync("exec over -- true"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Whoever_attaches_reads_and_writes(string version)
    {
        var said = await host.Kubectl(version).FeedAsync($"hello from {version}\n", "attach", "-i", $"talk-{version}");
        Assert.Contains($"heard hello from {version}\n", said.Succeeded(), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Fifty_connections_are_forwarded_to_what_listens_at_localhost_of_the_pod(string version)
    {
        var port = FreePort.Next();
        await using var forward = host.Kubectl(version).Start($"port-forward pod/web {port}:8080");
        await forward.UntilAsync(o => o.Contains($"Forwarding from 127.0.0.1:{port}", StringComparison.Ordinal));
        using var http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }) { Timeout = Bound };
        var pages = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => http.GetByteArrayAsync(new Uri($"http://127.0.0.1:{port}/page"))));
        Assert.All(pages, p => Assert.Equal(StreamsHost.Page, p.Length));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Each_of_fifty_connections_gets_its_own_data_back(string version)
    {
        var port = FreePort.Next();
        await using var forward = host.Kubectl(version).Start($"port-forward pod/web {port}:8080");
        await forward.UntilAsync(o => o.Contains($"Forwarding from 127.0.0.1:{port}", StringComparison.Ordinal));
        using var http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }) { Timeout = Bound };
        try
        {
            await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
            {
                var sent = RandomNumberGenerator.GetBytes(Echoed);
                using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{port}/cgi-bin/echo"), new ByteArrayContent(sent));
                Assert.Equal(sent, await answer.Content.ReadAsByteArrayAsync());
            }));
        }
        catch (HttpRequestException e)
        {
            Assert.Fail($"{e.InnerException?.Message ?? e.Message}\n{forward.Errors}");
        }
    }

    // The engine begins another file after 10 MB; each line takes some 90 bytes of it. If the container goes on, the engine tells a file twice; if it ends, it does not tell the last one.
    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public async Task A_log_is_followed_from_file_to_file_and_no_line_is_lost_or_comes_twice(int seconds)
    {
        var pod = $"rotates-{seconds}";
        await CreateAsync(host.Api, pod, "Never", $$"""
            "containers": [ {{Runs($"sleep 1; seq 1 {Lines}; sleep {seconds}")}} } ]
            """);
        await PodIsAsync(host.Api, pod, p => (string?)p["status"]!["phase"] is "Running" or "Succeeded");
        var lines = (await host.Kubectl(Kubectl.Newest).SucceedAsync($"logs -f {pod}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var (wrong, at) = lines.Select((l, i) => (l, i)).FirstOrDefault(l => l.l != $"{l.i + 1}");
        Assert.True(wrong is null, $"line {at + 1} is {wrong}");
        Assert.Equal(Lines, lines.Length);
        await host.Api.AskAsync(HttpMethod.Delete, $"/api/v1/namespaces/default/pods/{pod}");
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_port_where_nothing_listens_is_said(string version)
    {
        var port = FreePort.Next();
        var kubectl = host.Kubectl(version);
        var forward = Command.RunAsync("sh", ["-c", $"exec timeout 10 {kubectl.Line($"port-forward pod/web {port}:9")} 2>&1"], Bound);
        await Poll.UntilAsync(async () =>
        {
            using var tcp = new TcpClient();
            try
            {
                await tcp.ConnectAsync("127.0.0.1", port);
                return await tcp.GetStream().ReadAsync(new byte[1]) == 0;
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                return false;
            }
        }, Bound, () => "kubectl listens");
        Assert.Contains("error forwarding port 9 to pod web: port 9 of the pod cannot be reached: nothing listens there", (await forward).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_ends_with_its_client()
    {
        var kubectl = host.Kubectl(Kubectl.Newest);
        await using (var lost = kubectl.Start("exec web -c main -- sleep 98765"))
        {
            await kubectl.WaitForAsync("exec web -c main -- ps -o args", t => t.Contains("sleep 98765", StringComparison.Ordinal));
        }

        await kubectl.WaitForAsync("exec web -c main -- ps -o args", t => !t.Contains("sleep 98765", StringComparison.Ordinal));
    }
}
