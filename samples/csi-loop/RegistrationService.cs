using Grpc.Core;
using Orchestrator.Node.Agent.Csi.Wire;

namespace Orchestrator.Samples.CsiLoop;

/// <summary>Tells the agent of the node who the driver is. Other drivers have the sidecar <c>node-driver-registrar</c> for it.</summary>
internal sealed class RegistrationService(LoopDriver driver, ILogger<RegistrationService> log) : Registration.RegistrationBase
{
    public override Task<PluginInfo> GetInfo(InfoRequest request, ServerCallContext context) =>
        Task.FromResult(new PluginInfo { Type = "CSIPlugin", Name = driver.Name, Endpoint = driver.Endpoint, SupportedVersions = { "1.0.0" } });

    public override Task<RegistrationStatusResponse> NotifyRegistrationStatus(RegistrationStatus request, ServerCallContext context)
    {
        if (!request.PluginRegistered)
        {
            log.LogWarning("The node did not register the driver: {Error}", request.Error);
        }

        return Task.FromResult(new RegistrationStatusResponse());
    }
}
