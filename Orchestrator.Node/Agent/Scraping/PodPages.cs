using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Node.Agent.Streams;

namespace Orchestrator.Node.Agent.Scraping;

/// <summary>Reads pages of pods over HTTP, inside of their networks: what a pod says of itself leads to no other place.</summary>
internal sealed class PodPages : IDisposable
{
    /// <summary>Maximum size of a page. 4 MiB.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private readonly HttpClient _http;

    public PodPages(IContainerStreams streams) => _http = new HttpClient(new SocketsHttpHandler
    {
        // The host of a request is the uid of a pod. Connections are kept from page to page.
        ConnectCallback = async (connection, cancellation) => new NetworkStream(
            await streams.ConnectAsync(connection.DnsEndPoint.Host, connection.DnsEndPoint.Port, cancellation).ConfigureAwait(false), ownsSocket: true),
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        MaxConnectionsPerServer = 1,
        ConnectTimeout = Bound,
        SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Reads the metrics of a pod.</summary>
    /// <exception cref="ScrapeException">It has none, or does not answer within 10 s.</exception>
    public async Task<string> ReadAsync(string podUid, ScrapeTarget target, CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(Bound);
        try
        {
            var port = target.Port.ToString(CultureInfo.InvariantCulture);
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{(target.IsHttps ? "https" : "http")}://{podUid}:{port}{target.Path}"));
            request.Headers.Host = $"localhost:{port}";
            request.Headers.TryAddWithoutValidation("Accept", "text/plain;version=0.0.4");
            request.Headers.TryAddWithoutValidation("User-Agent", "orchestrator-agent");
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, bound.Token).ConfigureAwait(false);
            return answer.StatusCode == HttpStatusCode.OK ? await PageAsync(answer, bound.Token).ConfigureAwait(false)
                : throw new ScrapeException(string.Create(CultureInfo.InvariantCulture, $"the answer is {(int)answer.StatusCode} {answer.StatusCode}"));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ScrapeException($"no answer in {Bound.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UriFormatException or ContainerRefusedException)
        {
            throw new ScrapeException(e is HttpRequestException { InnerException: { } inner } ? inner.Message : e.Message);
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<string> PageAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        using var page = new MemoryStream();
        var content = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var buffer = new byte[16 * 1024];
        for (int count; (count = await content.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            if (page.Length + count > MaxBytes)
            {
                throw new ScrapeException($"the page has more than {MaxBytes / 1024 / 1024} MiB");
            }

            page.Write(buffer, 0, count);
        }

        return Encoding.UTF8.GetString(page.GetBuffer(), 0, (int)page.Length);
    }
}

/// <summary>The metrics of a pod cannot be read.</summary>
internal sealed class ScrapeException(string message) : Exception(message);
