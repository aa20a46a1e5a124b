using System.Net;
using System.Net.Sockets;
using Docker.DotNet;
using Orchestrator.Node.Agent;

namespace Orchestrator.Node.Docker;

/// <summary>Adds a timeout to calls to the engine and maps its errors to the exceptions of IContainerRuntime.</summary>
internal static class EngineCalls
{
    /// <summary>Timeout of calls that do not wait for anything.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);

    /// <param name="call">The call.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <param name="within">Timeout.</param>
    /// <param name="engine">Address of the engine, for messages.</param>
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

    /// <summary>A call that the engine has no reason to reject: any error means that the engine is unavailable.</summary>
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

    /// <summary>Whether the engine itself failed, rather than the request. An answer that cannot be read was cut off.</summary>
    public static bool IsGone(Exception e) => e is HttpRequestException or SocketException or IOException or TimeoutException or Newtonsoft.Json.JsonException
        || (e is DockerApiException { StatusCode: HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway });

    /// <summary>The error message of the engine without its JSON envelope.</summary>
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
