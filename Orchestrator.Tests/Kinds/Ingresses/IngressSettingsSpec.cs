using CsCheck;
using Orchestrator.Actors.Kinds.Ingresses;

namespace Orchestrator.Tests.Kinds.Ingresses;

/// <summary>What annotations of an Ingress mean.</summary>
public sealed class IngressSettingsSpec
{
    [Theory]
    [InlineData("30", 30_000)]
    [InlineData("0.5", 500)]
    [InlineData("1m30s", 90_000)]
    [InlineData("250ms", 250)]
    [InlineData("86400", 86_400_000)]
    [InlineData("0", null)]
    [InlineData("-1", null)]
    [InlineData("25h", null)]
    [InlineData("1e400", null)]
    [InlineData("soon", null)]
    [InlineData("-Infinity", null)]
    [InlineData("Infinity", null)]
    [InlineData("NaN", null)]
    [InlineData("\u0663s", null)]
    [InlineData("1s\n", null)]
    [InlineData("1.2.3", null)]
    [InlineData("", null)]
    public void A_time_is_in_seconds_or_as_Go_writes_it(string text, int? milliseconds)
    {
        foreach (var (name, read, usual) in new (string, Func<IngressSettings, TimeSpan>, TimeSpan)[]
        {
            ("read-timeout", s => s.ReadTimeout, TimeSpan.FromSeconds(60)), ("connect-timeout", s => s.ConnectTimeout, TimeSpan.FromSeconds(5)),
        })
        {
            var (settings, faults) = Read(name, text);
            Assert.Equal(milliseconds is { } given ? TimeSpan.FromMilliseconds(given) : usual, read(settings));
            Assert.Equal(milliseconds is null ? $"orchestrator.io/{name}" : null, faults.SingleOrDefault().Annotation);
        }
    }

    [Theory]
    [InlineData("1024", 1024L, false)]
    [InlineData("8Mi", 8L << 20, false)]
    [InlineData("0", null, false)]
    [InlineData("-1", null, true)]
    [InlineData("1500m", null, true)]
    [InlineData("much", null, true)]
    public void A_size_is_a_quantity(string text, long? bytes, bool isWrong)
    {
        var (settings, faults) = Read("max-body-size", text);
        Assert.Equal((bytes, isWrong), (settings.MaxBodySize, faults.Count > 0));
    }

    [Theory]
    [InlineData("HTTP", BackendProtocol.Http)]
    [InlineData("HTTP2", BackendProtocol.Http2)]
    [InlineData("GRPC", BackendProtocol.Http2)]
    [InlineData("HTTPS", BackendProtocol.Https)]
    [InlineData("AJP", null)]
    public void A_protocol_is_one_of_a_few(string text, BackendProtocol? protocol)
    {
        var (settings, faults) = Read("backend-protocol", text);
        Assert.Equal((protocol, protocol is null), (settings.Protocol, faults.Count > 0));
    }

    [Theory]
    [InlineData("true", true, false)]
    [InlineData("false", false, false)]
    [InlineData("no", true, true)]
    public void A_redirect_is_a_yes_or_a_no(string text, bool redirects, bool isWrong)
    {
        var (settings, faults) = Read("ssl-redirect", text);
        Assert.Equal((redirects, isWrong), (settings.RedirectsToTls, faults.Count > 0));
    }

    [Fact]
    public void Whatever_somebody_writes_is_read_or_told_of()
    {
        string[] odd = ["Infinity", "-Infinity", "NaN", "-", ".", "e", "9", "0", "s", "h", "Ei", "\n", "\u0663", "\u221e"];
        Gen.Select(Gen.OneOf("read-timeout", "connect-timeout", "max-body-size", "ssl-redirect", "backend-protocol"), Gen.OneOf(Gen.String, Gen.OneOf(odd).Array[0, 30].Select(parts => string.Concat(parts)))).Sample((name, text) =>
        {
            var (settings, faults) = Read(name, text);
            return settings.ReadTimeout > TimeSpan.Zero && settings.ConnectTimeout > TimeSpan.Zero && settings.MaxBodySize is null or > 0 && faults.Count <= 1;
        });
    }

    [Fact]
    public void Other_annotations_are_not_heeded()
    {
        var (settings, faults) = IngressSettings.Read([new("orchestrator.io/other", "x"), new("example.com/read-timeout", "x")]);
        Assert.Equal((IngressSettings.Usual, 0), (settings, faults.Count));
        Assert.Equal(IngressSettings.Usual, IngressSettings.Read(null).Settings);
    }

    private static (IngressSettings Settings, IReadOnlyList<(string Annotation, string Fault)> Faults) Read(string name, string value) => IngressSettings.Read([new($"orchestrator.io/{name}", value)]);
}
