using Orchestrator.Actors.Schema;

namespace Orchestrator.Tests.Schema;

/// <summary>The formats of texts in a schema document.</summary>
public sealed class TextFormatsSpec
{
    [Theory]
    [InlineData("date-time", "2026-11-26T10:00:00Z", "2026-11-26T10:00:00.123+02:00")]
    [InlineData("date", "2026-11-26")]
    [InlineData("duration", "1h30m", "1.5s", "-10ms", "3 days", "2 weeks")]
    [InlineData("byte", "aGVsbG8=", "")]
    [InlineData("ipv4", "10.0.0.1", "255.255.255.255")]
    [InlineData("ipv6", "::1", "fd00::1", "::ffff:10.0.0.1")]
    [InlineData("cidr", "10.0.0.0/8", "10.0.0.1/8", "fd00::1/64", "0.0.0.0/0")]
    [InlineData("mac", "00:1a:2B:3c:4d:5e", "00-1a-2b-3c-4d-5e")]
    [InlineData("email", "a@example.org")]
    [InlineData("uri", "https://example.org/a?b=c", "urn:isbn:1")]
    [InlineData("hostname", "example.org", "localhost")]
    [InlineData("uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6BA7B8109DAD11D180B400C04FD430C8")]
    [InlineData("uuid3", "a3bb189e-8bf9-3888-9912-ace4e6543002")]
    [InlineData("uuid4", "f47ac10b-58cc-4372-a567-0e02b2c3d479")]
    [InlineData("uuid5", "74738ff5-5367-5958-9aee-98fffdcd1876")]
    [InlineData("bsonobjectid", "507f1f77bcf86cd799439011")]
    [InlineData("hexcolor", "#fff", "00ff00")]
    [InlineData("rgbcolor", "rgb(0, 10,255)")]
    [InlineData("a-format-that-nobody-knows", "anything")]
    public void Takes(string format, params string[] texts) => Assert.All(texts, t => Assert.True(TextFormats.Has(t, format), t));

    [Theory]
    [InlineData("date-time", "today", "2026-11-26", "2026-11-26T25:00:00Z")]
    [InlineData("date", "26.11.2026", "2026-02-30")]
    [InlineData("duration", "", "1", "h", "three days", "1 year")]
    [InlineData("byte", "a", "%%%%")]
    [InlineData("ipv4", "127.1", "010.0.0.1", "256.0.0.1", "::1", "0x7f000001")]
    [InlineData("ipv6", "10.0.0.1", "[::1]", "fe80::1%eth0", "1:2")]
    [InlineData("cidr", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/-1", "fd00::/129", "10.0.0.0/8/8")]
    [InlineData("mac", "00:1a:2b:3c:4d", "00:1a:2b:3c:4d:5g")]
    [InlineData("email", "nobody", "Some One <a@example.org>", "@example.org")]
    [InlineData("uri", "not a uri", "example.org")]
    [InlineData("hostname", "a b", "10.0.0.1")]
    [InlineData("uuid", "6ba7b810", "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}")]
    [InlineData("uuid4", "6ba7b810-9dad-11d1-80b4-00c04fd430c8")]
    [InlineData("bsonobjectid", "507f1f77bcf86cd79943901", "507f1f77bcf86cd79943901z")]
    [InlineData("hexcolor", "##fff", "ffff", "#ggg")]
    [InlineData("rgbcolor", "rgb(0,0,256)", "rgb(0,0)")]
    public void Refuses(string format, params string[] texts) => Assert.All(texts, t => Assert.False(TextFormats.Has(t, format), t));
}
