using Grpc.Core;
using Orchestrator.Node.Agent.Csi.Wire;
using Ability = Orchestrator.Node.Agent.Csi.Wire.NodeServiceCapability.Types.RPC.Types.Type;

namespace Orchestrator.Samples.CsiLoop;

/// <summary>Mounts volumes: once per node, and from there for each pod. Each call may come again.</summary>
internal sealed class NodeService(LoopDriver driver, LoopImages images) : Orchestrator.Node.Agent.Csi.Wire.Node.NodeBase
{
    public override Task<NodeGetInfoResponse> NodeGetInfo(NodeGetInfoRequest request, ServerCallContext context) =>
        Task.FromResult(new NodeGetInfoResponse { NodeId = driver.Node, MaxVolumesPerNode = driver.MaxVolumes, AccessibleTopology = new() { Segments = { [driver.TopologyKey] = driver.Node } } });

    public override Task<NodeGetCapabilitiesResponse> NodeGetCapabilities(NodeGetCapabilitiesRequest request, ServerCallContext context)
    {
        var response = new NodeGetCapabilitiesResponse();
        foreach (var ability in (Ability[])[Ability.StageUnstageVolume, Ability.ExpandVolume])
        {
            response.Capabilities.Add(new NodeServiceCapability { Rpc = new() { Type = ability } });
        }

        return Task.FromResult(response);
    }

    public override async Task<NodeStageVolumeResponse> NodeStageVolume(NodeStageVolumeRequest request, ServerCallContext context)
    {
        if (request.VolumeCapability.Mount is not { } mount)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "volumes are file systems, and no block devices"));
        }

        await LoopImages.MountAsync(images.Existing(request.VolumeId), request.StagingTargetPath, mount.MountFlags);
        return new NodeStageVolumeResponse();
    }

    public override async Task<NodeUnstageVolumeResponse> NodeUnstageVolume(NodeUnstageVolumeRequest request, ServerCallContext context)
    {
        await HostCommand.UnmountAsync(request.StagingTargetPath);
        return new NodeUnstageVolumeResponse();
    }

    public override async Task<NodePublishVolumeResponse> NodePublishVolume(NodePublishVolumeRequest request, ServerCallContext context)
    {
        if (HostCommand.IsMounted(request.TargetPath))
        {
            return new NodePublishVolumeResponse();
        }

        if (request.VolumeContext.TryGetValue("csi.storage.k8s.io/ephemeral", out var ephemeral) && ephemeral == "true")
        {
            var bytes = request.VolumeContext.TryGetValue("bytes", out var text) && long.TryParse(text, out var wanted) ? wanted : LoopImages.UsualBytes;
            await images.CreateAsync(request.VolumeId, bytes, 0, isEphemeral: true);
            await LoopImages.MountAsync(images.PathOf(request.VolumeId, isEphemeral: true), request.TargetPath, request.Readonly ? ["ro"] : []);
            return new NodePublishVolumeResponse();
        }

        Directory.CreateDirectory(request.TargetPath);
        await HostCommand.RunAsync("mount", "--bind", request.StagingTargetPath, request.TargetPath);
        if (request.Readonly)
        {
            await HostCommand.RunAsync("mount", "-o", "remount,bind,ro", request.TargetPath);
        }

        return new NodePublishVolumeResponse();
    }

    public override async Task<NodeUnpublishVolumeResponse> NodeUnpublishVolume(NodeUnpublishVolumeRequest request, ServerCallContext context)
    {
        await HostCommand.UnmountAsync(request.TargetPath);
        await images.DeleteAsync(request.VolumeId, isEphemeral: true);
        return new NodeUnpublishVolumeResponse();
    }

    public override async Task<NodeExpandVolumeResponse> NodeExpandVolume(NodeExpandVolumeRequest request, ServerCallContext context) =>
        new() { CapacityBytes = await images.ResizeAsync(request.VolumeId) };
}
