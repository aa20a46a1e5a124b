using Grpc.Core;

namespace Orchestrator.Node.Agent.Csi;

/// <summary>A driver refused a call, or did not answer it in time.</summary>
/// <param name="code">What kind of error it is.</param>
/// <param name="message">What the driver says.</param>
internal sealed class CsiException(StatusCode code, string message) : Exception(message)
{
    private const int MaxText = 1024;

    /// <summary>What kind of error it is (CSI, "Error Scheme").</summary>
    public StatusCode Code => code;

    /// <summary>The error of a call, worded as by Kubernetes. A driver may say anything, at any length.</summary>
    public static CsiException Of(RpcException e)
    {
        var detail = e.Status.DebugException is HttpRequestException ? "the driver does not answer at its socket" : e.Status.Detail ?? "";
        var said = new string([.. detail.Take(MaxText).Select(c => char.IsControl(c) ? ' ' : c)]);
        return new CsiException(e.StatusCode, $"rpc error: code = {e.StatusCode} desc = {said}");
    }
}
