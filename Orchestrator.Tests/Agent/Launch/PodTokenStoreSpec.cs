using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Tests.Agent.Launch;

/// <summary>When an agent asks for the tokens of a pod.</summary>
public sealed class PodTokenStoreSpec
{
    private static readonly DateTimeOffset Start = new(2026, 1, 10, 12, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Start);
    private readonly PodTokenStore _store;
    private TimeSpan _lifetime = TimeSpan.FromHours(1);
    private string? _refusal;
    private int _asked;

    public PodTokenStoreSpec() => _store = new PodTokenStore(
        (_, _) =>
        {
            _asked++;
            return Task.FromResult(_refusal is not null ? new PodTokens([], _refusal) : new PodTokens([new PodToken("", 3607, $"token-{_asked}", _time.GetUtcNow() + _lifetime)], null));
        }, _time);

    [Theory]
    [InlineData(60, 48)]
    [InlineData(10, 8)]
    [InlineData(60 * 24 * 30, 60 * 24)]
    public async Task They_are_asked_for_once_and_renewed_at_80_percent_of_their_lifetime_or_after_a_day(int minutes, int due)
    {
        _lifetime = TimeSpan.FromMinutes(minutes);
        Assert.Equal("token-1", await TokenAsync());
        Assert.Equal(Start.AddMinutes(due), _store.Due);
        _time.Advance(TimeSpan.FromMinutes(due) - TimeSpan.FromSeconds(1));
        Assert.Equal("token-1", await TokenAsync());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("token-2", await TokenAsync());
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task What_is_held_is_kept_while_it_is_good_and_nobody_answers()
    {
        await TokenAsync();
        _refusal = "no control host answers";
        _time.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal("token-1", await TokenAsync());
        Assert.Equal(Start.AddMinutes(51), _store.Due);
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.Contains("no control host answers", (await Assert.ThrowsAsync<LaunchException>(TokenAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_runs_goes_on_without_those_that_have_expired_and_asks_again_in_a_minute()
    {
        await TokenAsync();
        _refusal = "serviceaccount \"robot\" not found";
        _time.Advance(TimeSpan.FromMinutes(61));
        Assert.Empty(await GetAsync(isUpdate: true));
        Assert.Equal(_time.GetUtcNow().AddMinutes(1), _store.Due);
        Assert.Empty(await GetAsync(isUpdate: true));
        Assert.Equal(2, _asked);

        // A container must not start without.
        Assert.Contains("robot", (await Assert.ThrowsAsync<LaunchException>(TokenAsync)).Message, StringComparison.Ordinal);
        _refusal = null;
        Assert.Equal("token-4", await TokenAsync());
    }

    [Fact]
    public async Task A_pod_without_them_asks_for_none()
    {
        Assert.Empty(await _store.GetAsync(Pod("[]"), isUpdate: false, CancellationToken.None));
        Assert.Equal((0, null), (_asked, _store.Due));
    }

    private async Task<string> TokenAsync() => Assert.Single(await GetAsync(isUpdate: false)).Text;

    private Task<ImmutableArray<PodToken>> GetAsync(bool isUpdate) =>
        _store.GetAsync(Pod("""[{"name":"v","projected":{"sources":[{"serviceAccountToken":{"path":"token","expirationSeconds":3607}}]}}]"""), isUpdate, CancellationToken.None);

    internal static PodManifest Pod(string volumes, string containers = """[{"name":"c","image":"i"}]""", string security = "{}") =>
        PodManifest.Of(KubeObject.From(PodDefinition.Instance, System.Text.Json.Nodes.JsonNode.Parse(
            $$"""{"metadata":{"name":"p","namespace":"ns","uid":"u"},"spec":{"containers":{{containers}},"volumes":{{volumes}},"securityContext":{{security}} } }""")!.AsObject()));
}
