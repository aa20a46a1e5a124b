using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Docker.DotNet;
using Docker.DotNet.Models;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Streams;
using ContainerState = Orchestrator.Node.Agent.ContainerState;

namespace Orchestrator.Node.Docker;

/// <summary>Opens streams to the pods of the engine.</summary>
internal sealed class DockerStreams(DockerClient docker, Uri endpoint, ContainerReader reader) : IContainerStreams
{
    public async Task<IContainerStream> ExecAsync(string podUid, string container, IReadOnlyList<string> command, bool hasInput, bool isTty, CancellationToken cancellation)
    {
        var id = await RunningAsync(podUid, container, cancellation).ConfigureAwait(false);
        var parameters = new ContainerExecCreateParameters
        {
            Cmd = [.. command],
            AttachStdin = hasInput,
            AttachStdout = true,
            AttachStderr = !isTty,
            Tty = isTty,
        };
        return await RefusableAsync<IContainerStream>(async () =>
        {
            var exec = await EngineCalls.BoundAsync(token => docker.Exec.ExecCreateContainerAsync(id, parameters, token), cancellation).ConfigureAwait(false);
            var connection = await EngineConnection.OpenAsync(endpoint, $"/exec/{exec.ID}/start", new JsonObject { ["Detach"] = false, ["Tty"] = isTty }, cancellation).ConfigureAwait(false);
            return new DockerExecStream(docker, connection, isTty, exec.ID, id);
        }).ConfigureAwait(false);
    }

    public async Task<IContainerStream> AttachAsync(string podUid, string container, bool hasInput, CancellationToken cancellation)
    {
        var id = await RunningAsync(podUid, container, cancellation).ConfigureAwait(false);
        return await RefusableAsync<IContainerStream>(async () =>
        {
            var inspected = await EngineCalls.BoundAsync(token => docker.Containers.InspectContainerAsync(id, token), cancellation).ConfigureAwait(false);
            var input = hasInput && inspected.Config.OpenStdin ? 1 : 0;
            var connection = await EngineConnection.OpenAsync(endpoint, $"/containers/{id}/attach?stream=1&stdin={input}&stdout=1&stderr=1", null, cancellation).ConfigureAwait(false);
            return new DockerAttachStream(docker, connection, inspected.Config, id);
        }).ConfigureAwait(false);
    }

    public async Task<Socket> ConnectAsync(string podUid, int port, CancellationToken cancellation)
    {
        var sandbox = (await reader.PresentAsync(podUid, cancellation).ConfigureAwait(false)).FirstOrDefault(c => ContainerReader.IsSandbox(c) && c.State == "running")
            ?? throw new ContainerRefusedException("PortForwardError", "the pod does not run");
        var inspected = await EngineCalls.BoundAsync(token => docker.Containers.InspectContainerAsync(sandbox.ID, token), cancellation).ConfigureAwait(false);
        try
        {
            if (NetworkNamespace.Open((int)inspected.State.Pid, sandbox.ID) is { } network)
            {
                using (network)
                {
                    return await network.ConnectAsync(port, cancellation).ConfigureAwait(false);
                }
            }

            // Of an engine on another host pods are reached by their addresses. Here the pod has just ended, and its address may be another one's.
            if (endpoint.Scheme == "unix")
            {
                throw new ContainerRefusedException("PortForwardError", "the pod does not run");
            }

            var address = sandbox.NetworkSettings?.Networks?.Values.Select(n => n.IPAddress).FirstOrDefault(ip => ip is { Length: > 0 })
                ?? throw new ContainerRefusedException("PortForwardError", "the pod has no address");
            var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Parse(address), port, cancellation).ConfigureAwait(false);
                return client.Client;
            }
            catch
            {
                client.Dispose();
                throw;
            }
        }
        catch (SocketException e)
        {
            throw new ContainerRefusedException("PortForwardError", string.Create(CultureInfo.InvariantCulture, $"port {port} of the pod cannot be reached: {Cause(e)}"));
        }
    }

    public IContainerStream LoadImages() => new ImageLoadStream(docker);

    private static string Cause(SocketException e) => e.SocketErrorCode == SocketError.ConnectionRefused ? "nothing listens there" : e.Message;

    private async Task<string> RunningAsync(string podUid, string container, CancellationToken cancellation) =>
        (await reader.ReadAsync(podUid, cancellation).ConfigureAwait(false)).FirstOrDefault()?.Containers.FirstOrDefault(c => c.Name == container && c.State == ContainerState.Running)?.Id
            ?? throw new ContainerRefusedException("ExecError", $"container {container} is not running");

    private static async Task<T> RefusableAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (DockerApiException e)
        {
            throw new ContainerRefusedException("ExecError", EngineCalls.Message(e));
        }
    }
}
