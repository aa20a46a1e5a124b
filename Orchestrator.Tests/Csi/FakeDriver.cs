using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Node.Agent.Csi;
using Orchestrator.Node.Agent.Csi.Wire;
using Ability = Orchestrator.Node.Agent.Csi.Wire.NodeServiceCapability.Types.RPC.Types.Type;

namespace Orchestrator.Tests.Csi;

/// <summary>A driver on a real socket that answers as a spec wants it to, and remembers what it was asked. It mounts nothing; its targets are plain folders.</summary>
internal sealed class FakeDriver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeDriver(WebApplication app, string socket) => (_app, Socket) = (app, socket);

    public string Socket { get; }

    /// <summary>What it was asked, in order: the call and the volume.</summary>
    public ConcurrentQueue<string> Calls { get; } = [];

    /// <summary>How it presents itself.</summary>
    public PluginInfo Info { get; set; } = new() { Type = "CSIPlugin", Name = "fake.example.com", SupportedVersions = { "1.0.0" } };

    /// <summary>What it says of the node.</summary>
    public NodeGetInfoResponse NodeInfo { get; set; } = new() { NodeId = "n" };

    /// <summary>The last request to publish a volume.</summary>
    public NodePublishVolumeRequest? Published { get; private set; }

    /// <summary>What happens in a call of its node service, by its name and the volume.</summary>
    public Func<string, string, Task> During { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>How it makes a target.</summary>
    public Action<string> Publishes { get; set; } = target => Directory.CreateDirectory(target);

    public static async Task<FakeDriver> StartAsync(string socket)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        FakeDriver? driver = null;
        builder.Services.AddSingleton(_ => driver!);
        builder.WebHost.ConfigureKestrel(k => k.ListenUnixSocket(socket, l => l.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.MapGrpcService<Registering>();
        app.MapGrpcService<Identifying>();
        app.MapGrpcService<Mounting>();
        driver = new FakeDriver(app, socket);
        await app.StartAsync();
        return driver;
    }

    /// <summary>The driver as the agent sees it once it has registered.</summary>
    public Task<CsiDriver?> ReadAsync(string root) => new CsiRegistration(new CsiPaths(root), TimeProvider.System).ReadAsync(Socket, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }

    private async Task<T> AskedAsync<T>(string call, string volume, T answer)
    {
        Calls.Enqueue($"{call} {volume}");
        await During(call, volume);
        return answer;
    }

    private sealed class Registering(FakeDriver driver) : Registration.RegistrationBase
    {
        public override Task<PluginInfo> GetInfo(InfoRequest request, ServerCallContext context) => Task.FromResult(driver.Info);

        public override Task<RegistrationStatusResponse> NotifyRegistrationStatus(RegistrationStatus request, ServerCallContext context) => Task.FromResult(new RegistrationStatusResponse());
    }

    private sealed class Identifying : Identity.IdentityBase
    {
        public override Task<GetPluginCapabilitiesResponse> GetPluginCapabilities(GetPluginCapabilitiesRequest request, ServerCallContext context) => Task.FromResult(new GetPluginCapabilitiesResponse());
    }

    private sealed class Mounting(FakeDriver driver) : Orchestrator.Node.Agent.Csi.Wire.Node.NodeBase
    {
        public override Task<NodeGetInfoResponse> NodeGetInfo(NodeGetInfoRequest request, ServerCallContext context) => Task.FromResult(driver.NodeInfo);

        public override Task<NodeGetCapabilitiesResponse> NodeGetCapabilities(NodeGetCapabilitiesRequest request, ServerCallContext context) =>
            Task.FromResult(new NodeGetCapabilitiesResponse { Capabilities = { new NodeServiceCapability { Rpc = new() { Type = Ability.StageUnstageVolume } } } });

        public override Task<NodeStageVolumeResponse> NodeStageVolume(NodeStageVolumeRequest request, ServerCallContext context) => driver.AskedAsync("stage", request.VolumeId, new NodeStageVolumeResponse());

        public override async Task<NodePublishVolumeResponse> NodePublishVolume(NodePublishVolumeRequest request, ServerCallContext context)
        {
            driver.Published = request;
            driver.Publishes(request.TargetPath);
            return await driver.AskedAsync("publish", request.VolumeId, new NodePublishVolumeResponse());
        }

        public override Task<NodeUnpublishVolumeResponse> NodeUnpublishVolume(NodeUnpublishVolumeRequest request, ServerCallContext context) => driver.AskedAsync("unpublish", request.VolumeId, new NodeUnpublishVolumeResponse());

        public override Task<NodeUnstageVolumeResponse> NodeUnstageVolume(NodeUnstageVolumeRequest request, ServerCallContext context) => driver.AskedAsync("unstage", request.VolumeId, new NodeUnstageVolumeResponse());
    }
}
