using Orchestrator.Node.ApiServer.Streams;

namespace Orchestrator.Tests.ApiServer.Streams;

/// <summary>An archive on its way from a client to a node.</summary>
public sealed class ImageLoadHandlerSpec
{
    [Theory]
    [InlineData(null, "262144 262144 100000 0")]
    [InlineData("it is broken", "262144")]
    public async Task A_body_is_read_to_its_end_whether_it_is_wanted_or_not(string? refusal, string written)
    {
        using var body = new MemoryStream(new byte[(2 * 262144) + 100000]);
        var pieces = new List<int>();
        await ImageLoadHandler.PassOnAsync(body, bytes =>
        {
            pieces.Add(bytes.Length);
            return Task.FromResult(refusal);
        }, CancellationToken.None);
        Assert.Equal(written, string.Join(' ', pieces));
        Assert.Equal(body.Length, body.Position);
    }
}
