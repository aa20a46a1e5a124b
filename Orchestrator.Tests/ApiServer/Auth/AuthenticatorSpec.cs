using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Auth;
using Orchestrator.Node.Certificates;
using Orchestrator.Tests.Kit;

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
    public async Task The_name_and_the_groups_of_a_certificate_are_read_whole(string subject, string? master)
    {
        using var certificate = Ours.Issue(subject, Usage.Client, null, Now, Now.AddDays(1)).Load();
        Assert.Equal(master, await UserOfAsync(Request(certificate)) is { } user && user.Groups.Contains(UserInfo.Masters) ? user.Name : null);
    }

    [Theory]
    [InlineData("O=ops, CN=anna", "anna")]
    [InlineData("CN=anna", "anna")]
    [InlineData("O=ops", null)]
    [InlineData("CN=anna, CN=bert", null)]
    public async Task Everybody_with_a_certificate_and_one_name_is_known(string subject, string? user)
    {
        using var certificate = Ours.Issue(subject, Usage.Client, null, Now, Now.AddDays(1)).Load();
        Assert.Equal(user, (await UserOfAsync(Request(certificate)))?.Name);
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
    public async Task Groups_are_known()
    {
        using var certificate = Ours.Issue("O=ops, O=system:masters, CN=anna", Usage.Client, null, Now, Now.AddDays(1)).Load();
        Assert.Equal(["ops", "system:masters"], (await UserOfAsync(Request(certificate)))!.Groups.Order());
    }

    [Fact]
    public async Task A_certificate_of_another_authority_of_another_use_or_of_the_past_is_nobodys()
    {
        const string subject = "O=system:masters, CN=x";
        foreach (var pair in new[]
        {
            Others.Issue(subject, Usage.Client, null, Now, Now.AddDays(1)), Ours.Issue(subject, Usage.Server, null, Now, Now.AddDays(1)), Ours.Issue(subject, Usage.Client, null, Now, Now.AddMinutes(-10)),
        })
        {
            using var certificate = pair.Load();
            Assert.Null(await UserOfAsync(Request(certificate)));
        }
    }

    [Theory]
    [InlineData("Bearer the-token", "kubernetes-admin")]
    [InlineData("Bearer the-token-", null)]
    [InlineData("Bearer ", null)]
    [InlineData("the-token", null)]
    [InlineData("", null)]
    public async Task The_token_is_the_admins(string header, string? user) => Assert.Equal(user, (await UserOfAsync(Request(null, ("Authorization", header))))?.Name);

    [Theory]
    [InlineData("Bearer the-token", "kubernetes-admin")]
    [InlineData("Bearer the-token-", null)]
    [InlineData("Basic eDp5", null)]
    public async Task A_token_decides_also_where_there_is_a_certificate(string header, string? user)
    {
        using var certificate = Ours.Issue("CN=anna", Usage.Client, null, Now, Now.AddDays(1)).Load();
        Assert.Equal(user, (await UserOfAsync(Request(certificate, ("Authorization", header))))?.Name);
    }

    [Theory]
    [InlineData("Impersonate-User", "carol")]
    [InlineData("impersonate-group", "system:masters")]
    [InlineData("Impersonate-Uid", "1")]
    [InlineData("Impersonate-Extra-scopes", "x")]
    [InlineData("Impersonate-User", "")]
    public async Task Nobody_acts_as_somebody_else(string header, string value)
    {
        var refused = await Assert.ThrowsAsync<ApiException>(() => AuthenticateAsync(Request(null, ("Authorization", $"Bearer {Token}"), (header, value))));
        Assert.Equal(ApiReason.Forbidden, refused.Error.Reason);
        Assert.Contains("\"kubernetes-admin\" cannot act as somebody else", refused.Message, StringComparison.Ordinal);
    }

    private static Task<Identity> AuthenticateAsync(HttpContext http) => TestTokens.Authenticator(Ours, Token, new ObjectCache()).AuthenticateAsync(http).AsTask();

    private static async Task<UserInfo?> UserOfAsync(HttpContext http)
    {
        try
        {
            return (await AuthenticateAsync(http)).User;
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
