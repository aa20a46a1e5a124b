using System.Net;
using System.Net.Sockets;
using Docker.DotNet;
using Orchestrator.Node.Agent;

namespace Orchestrator.Node.Docker;

/// <summary>Bounds every call to the engine and turns its failures into the contract's.</summary>
internal static class EngineCalls
{
    /// <summary>How long a call that has nothing to wait for may take.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);

    /// <param name="call">The call.</param>
    /// <param name="cancellation">The caller's own.</param>
    /// <param name="within">How long it may take.</param>
    /// <param name="engine">Where the engine is, for those who are told that it is not there.</param>
    public static async Task<T> BoundAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellation, TimeSpan? within = null, Uri? engine = null)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(within ?? Usual);
        try
        {
            return await call(bound.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new RuntimeUnavailableException($"Docker did not answer in {(within ?? Usual).TotalSeconds:0} s");
        }
        catch (Exception e) when (IsGone(e))
        {
            throw new RuntimeUnavailableException($"Docker does not answer: {EngineFault.Sentence(e, engine)}", e);
        }
    }

    public static Task BoundAsync(Func<CancellationToken, Task> call, CancellationToken cancellation, TimeSpan? within = null) =>
        BoundAsync(async token =>
        {
            await call(token).ConfigureAwait(false);
            return true;
        }, cancellation, within);

    /// <summary>A call with nothing in it that the engine could refuse: an error of its own means that it cannot answer now.</summary>
    public static async Task<T> QueryAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellation, TimeSpan? within = null, Uri? engine = null)
    {
        try
        {
            return await BoundAsync(call, cancellation, within, engine).ConfigureAwait(false);
        }
        catch (DockerApiException e) when (e.StatusCode >= HttpStatusCode.InternalServerError)
        {
            throw new RuntimeUnavailableException($"Docker failed: {Message(e)}", e);
        }
    }

    public static Task QueryAsync(Func<CancellationToken, Task> call, CancellationToken cancellation, TimeSpan? within = null, Uri? engine = null) =>
        QueryAsync(async token =>
        {
            await call(token).ConfigureAwait(false);
            return true;
        }, cancellation, within, engine);

    /// <summary>Whether the engine itself is the trouble, rather than what was asked of it.</summary>
    public static bool IsGone(Exception e) => e is HttpRequestException or SocketException or IOException or TimeoutException
        || (e is DockerApiException { StatusCode: HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway });

    /// <summary>The engine's sentence without its envelope.</summary>
    public static string Message(DockerApiException e)
    {
        try
        {
            return System.Text.Json.Nodes.JsonNode.Parse(e.ResponseBody)?["message"]?.GetValue<string>() ?? e.Message;
        }
        catch (Exception x) when (x is System.Text.Json.JsonException or ArgumentNullException or InvalidOperationException)
        {
            return e.Message;
        }
    }
}
