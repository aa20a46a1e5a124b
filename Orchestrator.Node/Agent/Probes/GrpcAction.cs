using System.Globalization;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using k8s.Models;

namespace Orchestrator.Node.Agent.Probes;

/// <summary>Asks the health service of a probe with <c>grpc</c> (Kubernetes, "Define a gRPC liveness probe"). Without TLS.</summary>
internal static class GrpcAction
{
    /// <summary>Asks once.</summary>
    /// <param name="action">The action.</param>
    /// <param name="podIp">IP of the pod.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <returns>Why it is not well; null if it serves.</returns>
    public static async Task<string?> AskAsync(V1GRPCAction action, string podIp, CancellationToken cancellation)
    {
        var address = new UriBuilder(Uri.UriSchemeHttp, podIp, action.Port).Uri;
        using var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { UseProxy = false }, DisposeHttpClient = true, MaxReceiveMessageSize = 64 * 1024, MaxRetryAttempts = 0 });
        try
        {
            var reply = await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest { Service = action.Service ?? "" }, cancellationToken: cancellation).ConfigureAwait(false);
            return reply.Status == HealthCheckResponse.Types.ServingStatus.Serving ? null
                : string.Create(CultureInfo.InvariantCulture, $"service unhealthy (responded with \"{Text(reply.Status)}\")");
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellation);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unimplemented)
        {
            return $"error: this server does not implement the grpc health protocol (grpc.health.v1.Health): {e.Status.Detail}";
        }
        catch (RpcException e)
        {
            return $"error: health rpc probe failed: {e.Status.StatusCode}: {e.Status.Detail}";
        }
    }

    private static string Text(HealthCheckResponse.Types.ServingStatus status) => status switch
    {
        HealthCheckResponse.Types.ServingStatus.NotServing => "NOT_SERVING",
        HealthCheckResponse.Types.ServingStatus.ServiceUnknown => "SERVICE_UNKNOWN",
        _ => "UNKNOWN",
    };
}
