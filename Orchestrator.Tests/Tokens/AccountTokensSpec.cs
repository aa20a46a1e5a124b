using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;
using Orchestrator.Actors.Kinds.ServiceAccounts;
using Orchestrator.Node.Certificates;
using Orchestrator.Node.Tokens;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Tokens;

/// <summary>Tokens of ServiceAccounts: what is in them, for how long they are valid, and which keys sign them.</summary>
public sealed class AccountTokensSpec
{
    private const string Api = AccountTokens.Issuer;
    private static readonly DateTimeOffset Start = new(2026, 1, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly Authority Ours = new(Authority.Create("ca", DateTimeOffset.UtcNow));
    private static readonly Authority Others = new(Authority.Create("ca", DateTimeOffset.UtcNow));
    private static readonly TokenSubject Robot = new("apps", "robot", "uid-1", new BoundObject("Pod", "web-1", "uid-2"), new BoundObject("Node", "n1", "uid-3"));
    private readonly FakeTimeProvider _time = new(Start);
    private readonly AccountTokens _tokens;

    public AccountTokensSpec() => _tokens = TestTokens.Of(Ours, _time);

    [Fact]
    public async Task A_token_says_whose_it_is_and_what_it_is_bound_to()
    {
        var token = _tokens.Issue(Robot, ["vault", "db"], TimeSpan.FromHours(1));
        var claims = Part(token.Text, 1);
        Assert.Equal((Api, "system:serviceaccount:apps:robot"), ((string?)claims["iss"], (string?)claims["sub"]));
        Assert.Equal("""["vault","db"]""", claims["aud"]!.ToJsonString());
        Assert.Equal((Start.ToUnixTimeSeconds(), Start.ToUnixTimeSeconds(), Start.ToUnixTimeSeconds() + 3600), ((long)claims["iat"]!, (long)claims["nbf"]!, (long)claims["exp"]!));
        Assert.Equal("""{"namespace":"apps","serviceaccount":{"name":"robot","uid":"uid-1"},"pod":{"name":"web-1","uid":"uid-2"},"node":{"name":"n1","uid":"uid-3"}}""", claims["kubernetes.io"]!.ToJsonString());
        Assert.Equal(Start.AddHours(1), token.Expires);
        Assert.DoesNotContain(token.Text, token.ToString(), StringComparison.Ordinal);

        var (read, error) = await _tokens.VerifyAsync(token.Text, ["db", "other"]);
        Assert.Equal((null, Robot), (error, read!.Subject));
        Assert.Equal(["db"], read.Audiences);
        Assert.Equal(["system:serviceaccounts", "system:serviceaccounts:apps"], read.Subject.User.Groups.AsEnumerable());
    }

    [Fact]
    public void Without_an_audience_it_is_for_the_api_server_and_lives_a_year_at_most()
    {
        var token = _tokens.Issue(new TokenSubject("a", "b", "c"), [], TimeSpan.FromDays(10_000));
        Assert.Equal([Api], token.Audiences);
        Assert.Equal(Start + SigningKeys.MaxLifetime, token.Expires);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(59, true)]
    [InlineData(62, false)]
    [InlineData(-2, false)]
    public async Task It_is_valid_from_its_begin_to_its_end(int minutes, bool isValid)
    {
        var token = _tokens.Issue(Robot, [], TimeSpan.FromHours(1));
        var later = TestTokens.Of(Ours, new FakeTimeProvider(Start.AddMinutes(minutes)));
        Assert.Equal(isValid, (await later.VerifyAsync(token.Text, [Api])).Token is not null);
    }

    [Fact]
    public async Task Neither_another_cluster_nor_another_audience_takes_it()
    {
        var token = _tokens.Issue(Robot, ["vault"], TimeSpan.FromHours(1)).Text;
        Assert.Equal("it is for other audiences", (await _tokens.VerifyAsync(token, [Api])).Error);
        Assert.Equal("it is not signed with a key of this cluster", (await TestTokens.Of(Others, _time).VerifyAsync(token, ["vault"])).Error);
    }

    [Fact]
    public async Task Hosts_with_the_same_authority_take_the_tokens_of_each_other()
    {
        // As a join file hands it on.
        var text = new Credentials(Authority.Create("cluster", Start), Ours.Pair, "token").ToText();
        var joined = new AccountTokens(new SigningKeys(Credentials.Parse(text).Api!), new Actors.Entities.RandomIdSource(), _time);
        Assert.NotNull((await joined.VerifyAsync(_tokens.Issue(Robot, [], TimeSpan.FromHours(1)).Text, [Api])).Token);
    }

    [Fact]
    public async Task A_new_key_signs_after_90_days_and_the_old_ones_verify_for_as_long_as_their_tokens_live()
    {
        var old = _tokens.Issue(Robot, [], SigningKeys.MaxLifetime).Text;
        var next = _tokens.Keys.Valid(Start).Select(k => k.Id).First();
        _time.Advance(SigningKeys.Period);
        var young = _tokens.Issue(Robot, [], TimeSpan.FromHours(1)).Text;
        Assert.NotEqual((string?)Part(old, 0)["kid"], (string?)Part(young, 0)["kid"]);
        Assert.Equal(next, (string?)Part(young, 0)["kid"]); // It was published before it signed.
        _time.Advance(SigningKeys.MaxLifetime - SigningKeys.Period - TimeSpan.FromMinutes(5));
        Assert.NotNull((await _tokens.VerifyAsync(old, [Api])).Token);
        Assert.NotNull((await TestTokens.Of(Ours, _time).VerifyAsync(old, [Api])).Token); // Nor is it known from a former run.
    }

    [Fact]
    public void Others_can_verify_a_token_with_the_published_keys()
    {
        var token = _tokens.Issue(Robot, ["vault"], TimeSpan.FromHours(1)).Text;
        var key = IssuerDocuments.Keys(_tokens.Keys.Valid(Start))["keys"]!.AsArray().Single(k => (string?)k!["kid"] == (string?)Part(token, 0)["kid"])!;
        using var ec = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Base64UrlEncoder.DecodeBytes((string)key["x"]!), Y = Base64UrlEncoder.DecodeBytes((string)key["y"]!) },
        });
        var parts = token.Split('.');
        Assert.True(ec.VerifyData(System.Text.Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64UrlEncoder.DecodeBytes(parts[2]), HashAlgorithmName.SHA256));
    }

    [Fact]
    public void A_changed_token_is_refused_and_so_is_any_other_text()
    {
        var token = _tokens.Issue(Robot, [], TimeSpan.FromHours(1)).Text;
        Gen.Select(Gen.Int[0, token.Length - 1], Gen.Char['0', 'z']).Where((at, c) => token[at] != c && at < token.Length - 1).Sample(
            (at, c) => _tokens.VerifyAsync($"{token[..at]}{c}{token[(at + 1)..]}", [Api]).GetAwaiter().GetResult().Token is null, iter: 300);
        Gen.String.Sample(text => _tokens.VerifyAsync(text, [Api]).GetAwaiter().GetResult().Token is null, iter: 300);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("HS256")]
    public async Task No_other_algorithm_is_taken(string algorithm)
    {
        var parts = _tokens.Issue(Robot, [], TimeSpan.FromHours(1)).Text.Split('.');
        var head = Part(string.Join('.', parts), 0);
        head["alg"] = algorithm;
        var forged = Base64UrlEncoder.Encode(head.ToJsonString());
        var signature = algorithm == "none" ? "" : Base64UrlEncoder.Encode(HMACSHA256.HashData(_tokens.Keys.Current(Start).Public.Q.X!, System.Text.Encoding.ASCII.GetBytes($"{forged}.{parts[1]}")));
        Assert.Null((await _tokens.VerifyAsync($"{forged}.{parts[1]}.{signature}", [Api])).Token);
    }

    private static JsonNode Part(string token, int at) => JsonNode.Parse(Base64UrlEncoder.Decode(token.Split('.')[at]))!;
}
