using Grpc.Core;

namespace Orchestrator.Node.Agent.Csi;

/// <summary>Calls of drivers, none of which lasts longer than its bound.</summary>
internal static class CsiCall
{
    /// <summary>Time in which a driver has to stage, publish, create, attach or expand a volume, or to undo it. That of the kubelet, 2 min.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    /// <summary>Time in which a driver has to say who it is and what it can do. 15 s.</summary>
    public static readonly TimeSpan Short = TimeSpan.FromSeconds(15);

    /// <summary>Calls a driver.</summary>
    /// <param name="call">The call.</param>
    /// <param name="bound">Its bound.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopping">Cancels it.</param>
    /// <exception cref="CsiException">The driver refuses, or does not answer.</exception>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, AsyncUnaryCall<T>> call, TimeSpan bound, TimeProvider time, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(bound, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            using var running = call(both.Token);
            return await running.ResponseAsync.ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException { StatusCode: StatusCode.Cancelled } or OperationCanceledException)
        {
            stopping.ThrowIfCancellationRequested();
            throw limit.IsCancellationRequested ? new CsiException(StatusCode.DeadlineExceeded, $"rpc error: code = DeadlineExceeded desc = the driver has not answered for {bound.TotalSeconds:0} s")
                : e is RpcException cancelled ? CsiException.Of(cancelled) : new CsiException(StatusCode.Cancelled, "rpc error: code = Cancelled desc = the call was cancelled");
        }
        catch (RpcException e)
        {
            throw CsiException.Of(e);
        }
    }
}
