using Grpc.Core;
using Orchestrator.Node.Agent.Csi.Wire;
using Ability = Orchestrator.Node.Agent.Csi.Wire.ControllerServiceCapability.Types.RPC.Types.Type;

namespace Orchestrator.Samples.CsiLoop;

/// <summary>Makes volumes, makes them larger and deletes them. Each call may come again.</summary>
internal sealed class ControllerService(LoopDriver driver, LoopImages images) : Controller.ControllerBase
{
    public override Task<ControllerGetCapabilitiesResponse> ControllerGetCapabilities(ControllerGetCapabilitiesRequest request, ServerCallContext context)
    {
        var response = new ControllerGetCapabilitiesResponse();
        foreach (var ability in (Ability[])[Ability.CreateDeleteVolume, Ability.PublishUnpublishVolume, Ability.GetCapacity, Ability.ExpandVolume])
        {
            response.Capabilities.Add(new ControllerServiceCapability { Rpc = new() { Type = ability } });
        }

        return Task.FromResult(response);
    }

    public override async Task<CreateVolumeResponse> CreateVolume(CreateVolumeRequest request, ServerCallContext context)
    {
        if (request.VolumeCapabilities.Any(c => c.Block is not null))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "volumes are file systems, and no block devices"));
        }

        if (request.AccessibilityRequirements is { Requisite.Count: > 0 } wanted && !wanted.Requisite.Any(IsHere))
        {
            throw new RpcException(new Status(StatusCode.ResourceExhausted, $"volumes are made on node {driver.Node}, and not where this one is wanted"));
        }

        var size = await images.CreateAsync(request.Name, request.CapacityRange?.RequiredBytes ?? 0, request.CapacityRange?.LimitBytes ?? 0);
        return new CreateVolumeResponse { Volume = new Volume { VolumeId = request.Name, CapacityBytes = size, AccessibleTopology = { Here } } };
    }

    public override async Task<DeleteVolumeResponse> DeleteVolume(DeleteVolumeRequest request, ServerCallContext context)
    {
        await images.DeleteAsync(request.VolumeId);
        return new DeleteVolumeResponse();
    }

    // A file is where it is: there is nothing to attach. It shows what a driver gets and gives.
    public override Task<ControllerPublishVolumeResponse> ControllerPublishVolume(ControllerPublishVolumeRequest request, ServerCallContext context)
    {
        images.Existing(request.VolumeId);
        return request.NodeId == driver.Node ? Task.FromResult(new ControllerPublishVolumeResponse { PublishContext = { ["image"] = images.PathOf(request.VolumeId) } })
            : throw new RpcException(new Status(StatusCode.NotFound, $"node {request.NodeId} has none of these volumes"));
    }

    public override Task<ControllerUnpublishVolumeResponse> ControllerUnpublishVolume(ControllerUnpublishVolumeRequest request, ServerCallContext context) =>
        Task.FromResult(new ControllerUnpublishVolumeResponse());

    public override Task<GetCapacityResponse> GetCapacity(GetCapacityRequest request, ServerCallContext context) =>
        Task.FromResult(new GetCapacityResponse { AvailableCapacity = request.AccessibleTopology is null || IsHere(request.AccessibleTopology) ? images.Free : 0 });

    public override Task<ControllerExpandVolumeResponse> ControllerExpandVolume(ControllerExpandVolumeRequest request, ServerCallContext context) =>
        Task.FromResult(new ControllerExpandVolumeResponse { CapacityBytes = images.Grow(request.VolumeId, request.CapacityRange.RequiredBytes), NodeExpansionRequired = true });

    private Topology Here => new() { Segments = { [driver.TopologyKey] = driver.Node } };

    private bool IsHere(Topology topology) => !topology.Segments.TryGetValue(driver.TopologyKey, out var node) || node == driver.Node;
}
