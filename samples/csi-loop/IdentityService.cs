using Grpc.Core;
using Orchestrator.Node.Agent.Csi.Wire;
using Service = Orchestrator.Node.Agent.Csi.Wire.PluginCapability.Types.Service;
using Expansion = Orchestrator.Node.Agent.Csi.Wire.PluginCapability.Types.VolumeExpansion;

namespace Orchestrator.Samples.CsiLoop;

/// <summary>Says what the driver is.</summary>
internal sealed class IdentityService(LoopDriver driver) : Identity.IdentityBase
{
    public override Task<GetPluginInfoResponse> GetPluginInfo(GetPluginInfoRequest request, ServerCallContext context) =>
        Task.FromResult(new GetPluginInfoResponse { Name = driver.Name, VendorVersion = "1" });

    public override Task<GetPluginCapabilitiesResponse> GetPluginCapabilities(GetPluginCapabilitiesRequest request, ServerCallContext context) => Task.FromResult(new GetPluginCapabilitiesResponse
    {
        Capabilities =
        {
            new PluginCapability { Service = new() { Type = Service.Types.Type.ControllerService } },
            new PluginCapability { Service = new() { Type = Service.Types.Type.VolumeAccessibilityConstraints } },
            new PluginCapability { VolumeExpansion = new() { Type = Expansion.Types.Type.Online } },
        },
    });

    public override Task<ProbeResponse> Probe(ProbeRequest request, ServerCallContext context) => Task.FromResult(new ProbeResponse { Ready = true });
}
