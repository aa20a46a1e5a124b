using System.Net.Sockets;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Docker;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Docker;

public sealed class EngineFaultSpec
{
    [Theory]
    [InlineData("unix:///run/d.sock", SocketError.AddressNotAvailable, "the socket /run/d.sock does not exist: start Docker, or set its address with --docker-host")]
    [InlineData("unix:///run/d.sock", SocketError.AccessDenied, "permission denied to open the socket /run/d.sock: run the node as root or as a member of the group of the socket")]
    [InlineData("unix:///run/d.sock", SocketError.ConnectionRefused, "connection to the socket /run/d.sock refused: start Docker, or set its address with --docker-host")]
    [InlineData("tcp://10.0.0.1:2375", SocketError.ConnectionRefused, "connection to 10.0.0.1:2375 refused: start Docker, or set its address with --docker-host")]
    [InlineData("tcp://docker:2375", SocketError.HostNotFound, "the host name in docker:2375 cannot be resolved: correct --docker-host")]
    [InlineData(null, SocketError.AddressNotAvailable, "its socket does not exist: start Docker, or set its address with --docker-host")]
    public void The_sentence_names_the_place_and_what_to_do(string? engine, SocketError code, string sentence) =>
        Assert.Equal(sentence, EngineFault.Sentence(new HttpRequestException("no", new SocketException((int)code)), engine is null ? null : new Uri(engine)));

    [Fact]
    public async Task A_runtime_without_an_engine_says_which_socket_is_missing()
    {
        using var folder = new TempFolder();
        var runtime = DockerRuntime.At(new Uri($"unix://{folder.Path}/docker.sock"), "n", folder.Path);
        var silent = await Assert.ThrowsAsync<RuntimeUnavailableException>(() => runtime.InfoAsync(default));
        Assert.Equal($"Docker does not answer: the socket {folder.Path}/docker.sock does not exist: start Docker, or set its address with --docker-host", silent.Message);
    }

    [Fact]
    public async Task An_engine_that_never_answers_is_given_up()
    {
        using var folder = new TempFolder();
        await using var socket = new FaultySocket(Containers.Engine.AbsolutePath) { Fault = (_, _) => SocketFault.Hang };
        await using var runtime = DockerRuntime.At(new Uri($"unix://{socket.Path}"), "n", folder.Path);
        var patience = EngineCalls.Usual + TimeSpan.FromSeconds(20);
        var outcomes = await Task.WhenAll(EngineFaultSweepSpec.Calls.Select(async c =>
            (c.Name, Outcome: await Record.ExceptionAsync(() => c.Run(runtime, Guid.NewGuid().ToString(), CancellationToken.None).WaitAsync(patience)))));
        Assert.All(outcomes, o => Assert.True(o.Outcome is RuntimeUnavailableException, $"{o.Name}: {o.Outcome}"));
    }
}
