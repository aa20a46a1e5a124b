using System.Net;
using Orchestrator.Cli;
using Orchestrator.Cli.Client;

namespace Orchestrator.Tests.Cli;

/// <summary>A body that is sent.</summary>
public sealed class CountedStreamSpec
{
    [Fact]
    public async Task A_file_that_cannot_be_read_is_no_server_that_cannot_be_reached()
    {
        using var client = new ApiClient(new Connection(new Uri("http://server"), null, null), new Reading());
        var told = await Assert.ThrowsAsync<CliException>(() => client.UploadAsync("/images", new Broken(), "application/x-tar", _ => { }, CancellationToken.None));
        Assert.IsNotType<UnreachableException>(told);
        Assert.Equal("What is to be sent cannot be read (the disk is broken): check the file and its disk.", told.Message);
    }

    private sealed class Reading : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await request.Content!.CopyToAsync(Stream.Null, cancellationToken);
            return new HttpResponseMessage(HttpStatusCode.OK);
        }
    }

    private sealed class Broken : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("the disk is broken");
    }
}
