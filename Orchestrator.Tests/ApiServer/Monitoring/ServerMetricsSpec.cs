using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Node.ApiServer;
using Orchestrator.Node.ApiServer.Monitoring;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.ApiServer.Monitoring;

/// <summary>How metrics are answered to several clients.</summary>
public sealed class ServerMetricsSpec : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private FedCache _fed = null!;

    public async Task InitializeAsync() => _fed = await FedCache.StartAsync();

    public async Task DisposeAsync() => await _fed.DisposeAsync();

    [Fact]
    public async Task A_client_that_does_not_read_keeps_no_other_waiting()
    {
        using var folder = new TempFolder();
        using var journal = new JournalTable(folder.File("journal.db"));
        var services = new ApiServices(null!, _fed.Cache, journal, TimeProvider.System, new RandomIdSource(), () => null, () => null, () => Akka.Actor.ActorRefs.Nobody) { Tokens = null! };
        var metrics = new ServerMetrics();
        var unread = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        var first = metrics.HandleAsync(Request(unread.Writer.AsStream()), services);
        await unread.Reader.ReadAsync().AsTask().WaitAsync(Bound); // It is written to, and waits.

        using var body = new MemoryStream();
        await metrics.HandleAsync(Request(body), services).WaitAsync(Bound);
        Assert.NotEqual(0, body.Length);
        Assert.False(first.IsCompleted);

        await unread.Reader.CompleteAsync();
        await first.WaitAsync(Bound);
    }

    private static DefaultHttpContext Request(Stream body)
    {
        var http = new DefaultHttpContext();
        http.Response.Body = body;
        return http;
    }
}
