using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Node.ApiServer.Protobuf;

namespace Orchestrator.Tests.ApiServer.Protobuf;

public sealed class ProtobufBodySpec
{
    private const string Deployment =
        "azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50ErgBCh8KA3dlYhIAGgAiACoAMgA4AEIAWgoKA2FwcBIDd2ViEoYBCAMSDAoKCgNhcHASA3dlYhpsChwKABIAGgAiACoAMgA4AEIAWgoKA2FwcBIDd2ViEkwSLgoFbmdpbngSBW5naW54KgAyCgoAEAAYUCIAKgBCAGoAcgCAAQCIAQCQAQCiAQAaADIAQgBKAFIAWABgAGgAggEAigEAmgEAwgEAIgIKACgAOAAaDAgAEAAYACAAKAA4ABoAIgA=";

    /// <summary>Bodies as kubectl 1.33 sends them.</summary>
    [Theory]
    [InlineData("azhzAAoPCgJ2MRIJTmFtZXNwYWNlEhkKEQoBeBIAGgAiACoAMgA4AEIAEgAaAgoAGgAiAA==",
        """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"x"}}""")]
    [InlineData("azhzAAoPCgJ2MRIJQ29uZmlnTWFwEhsKEQoBYxIAGgAiACoAMgA4AEIAEgYKAWESAWIaACIA",
        """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"b"}}""")]
    [InlineData("azhzAAoMCgJ2MRIGU2VjcmV0Eh0KEQoBcxIAGgAiACoAMgA4AEIAEgYKAWESAWIaABoAIgA=",
        """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":"Yg=="}}""")]
    [InlineData(Deployment,
        """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","labels":{"app":"web"}},
         "spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"}},
                 "template":{"metadata":{"labels":{"app":"web"}},
                             "spec":{"containers":[{"name":"nginx","image":"nginx","ports":[{"containerPort":80}]}]}}}}
        """)]
    public void Recorded_bodies_become_their_json(string body, string json)
    {
        var read = ProtobufBody.Parse(Convert.FromBase64String(body));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), read), read.ToJsonString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("6B387300")] // The mark alone.
    [InlineData("7B7D")] // JSON.
    [InlineData("6B387300" + "12FFFFFFFFFFFFFFFFFF01")] // A length past everything.
    [InlineData("6B387300" + "12FFFFFFFFFFFFFFFFFFFFFF")] // A number without an end.
    [InlineData("6B387300" + "0A")] // A key without a value.
    [InlineData("6B387300" + "0B")] // A group.
    [InlineData("6B387300" + "00")] // Field zero.
    [InlineData("6B387300" + "0800")] // A number where a message belongs.
    [InlineData("6B387300" + "0A080A0276311202" + "FFFE")] // Not UTF-8.
    public void Malformed_bodies_are_refused(string hex) =>
        Assert.Throws<FormatException>(() => { try { ProtobufBody.Parse(Convert.FromHexString(hex)); } catch (ArgumentException e) { throw new FormatException("", e); } });

    [Fact]
    public void Broken_bytes_never_fail_in_another_way()
    {
        var random = new Random(7);
        var whole = Convert.FromBase64String(Deployment);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = whole[..random.Next(4, whole.Length + 1)];
            for (var n = random.Next(4); n > 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var failure = Record.Exception(() => ProtobufBody.Parse(bytes));
            Assert.True(failure is null or FormatException or ArgumentException or JsonException, failure?.ToString());
        }
    }
}
