using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Auth;
using Orchestrator.Node.Certificates;

namespace Orchestrator.Tests.ApiServer.Auth;

/// <summary>Who a request is from, and whom it cannot pretend to be from.</summary>
public sealed class AuthenticatorSpec
{
    private const string Token = "the-token";
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private static readonly Authority Ours = new(Authority.Create("ca", Now));
    private static readonly Authority Others = new(Authority.Create("ca", Now));

    [Theory]
    [InlineData("O=system:masters, CN=anna", "anna")]
    [InlineData("CN=anna, O=ops, O=system:masters", "anna")]
    [InlineData("O=system:masters-not, CN=x", null)]
    [InlineData("O=not-system:masters, CN=x", null)]
    [InlineData("O=System:Masters, CN=x", null)]
    [InlineData("OU=system:masters, CN=x", null)]
    [InlineData("CN=\"x, O=system:masters\"", null)]
    [InlineData("CN=\"x\", OU=\"y, O=system:masters\"", null)]
    [InlineData("O=\"a, O=system:masters\", CN=x", null)]
    [InlineData("O=system:masters", null)]
    [InlineData("O=system:masters, CN=x, CN=y", null)]
    public void The_name_and_the_groups_of_a_certificate_are_read_whole(string subject, string? user)
    {
        using var certificate = Ours.Issue(subject, Usage.Client, null, Now, Now.AddDays(1)).Load();
        Assert.Equal(user, UserOf(Request(certificate))?.Name);
    }

    [Fact]
    public void Several_attributes_in_one_set_are_read()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSetOf())
        {
            foreach (var (oid, value) in new[] { ("2.5.4.3", "anna"), ("2.5.4.10", "ops") })
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(oid);
                    writer.WriteCharacterString(UniversalTagNumber.UTF8String, value);
                }
            }
        }

        var name = SubjectName.Read(new X500DistinguishedName(writer.Encode()));
        Assert.Equal(("anna", "ops"), (name.CommonName, Assert.Single(name.Organizations)));
    }

    [Fact]
    public void What_is_no_name_is_nobody() => Assert.Null(SubjectName.Read(new X500DistinguishedName([0x30, 0x03, 0x31, 0x01, 0x00])).CommonName);

    [Fact]
    public void Groups_are_known()
    {
        using var certificate = Ours.Issue("O=ops, O=system:masters, CN=anna", Usage.Client, null, Now, Now.AddDays(1)).Load();
        Assert.Equal(["ops", "system:masters"], UserOf(Request(certificate))!.Groups.Order());
    }

    [Fact]
    public void A_certificate_of_another_authority_of_another_use_or_of_the_past_is_nobodys()
    {
        const string subject = "O=system:masters, CN=x";
        foreach (var pair in new[]
        {
            Others.Issue(subject, Usage.Client, null, Now, Now.AddDays(1)), Ours.Issue(subject, Usage.Server, null, Now, Now.AddDays(1)), Ours.Issue(subject, Usage.Client, null, Now, Now.AddMinutes(-10)),
        })
        {
            using var certificate = pair.Load();
            Assert.Null(UserOf(Request(certificate)));
        }
    }

    [Theory]
    [InlineData("Bearer the-token", "kubernetes-admin")]
    [InlineData("Bearer the-token-", null)]
    [InlineData("Bearer ", null)]
    [InlineData("the-token", null)]
    [InlineData("", null)]
    public void The_token_is_the_admins(string header, string? user) => Assert.Equal(user, UserOf(Request(null, ("Authorization", header)))?.Name);

    [Theory]
    [InlineData("Impersonate-User", "carol")]
    [InlineData("impersonate-group", "system:masters")]
    [InlineData("Impersonate-Uid", "1")]
    [InlineData("Impersonate-Extra-scopes", "x")]
    [InlineData("Impersonate-User", "")]
    public void Nobody_acts_as_somebody_else(string header, string value)
    {
        var refused = Assert.Throws<ApiException>(() => new Authenticator(Ours, Token).User(Request(null, ("Authorization", $"Bearer {Token}"), (header, value))));
        Assert.Equal(ApiReason.Forbidden, refused.Error.Reason);
        Assert.Contains("\"kubernetes-admin\" cannot act as somebody else", refused.Message, StringComparison.Ordinal);
    }

    private static UserInfo? UserOf(HttpContext http)
    {
        try
        {
            return new Authenticator(Ours, Token).User(http);
        }
        catch (ApiException e) when (e.Error.Reason == ApiReason.Unauthorized)
        {
            return null;
        }
    }

    private static DefaultHttpContext Request(X509Certificate2? certificate, params (string Name, string Value)[] headers)
    {
        var http = new DefaultHttpContext();
        http.Connection.ClientCertificate = certificate;
        foreach (var (name, value) in headers)
        {
            http.Request.Headers[name] = value;
        }

        return http;
    }
}
