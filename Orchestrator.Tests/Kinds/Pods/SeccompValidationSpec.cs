using System.Text.Json.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Tests.Kinds.Pods;

public sealed class SeccompValidationSpec
{
    [Theory]
    [InlineData("""{"type":"RuntimeDefault"}""", null)]
    [InlineData("""{"type":"Localhost","localhostProfile":"profiles/audit.json"}""", null)]
    [InlineData("""{"type":"Localhost"}""", "c.seccompProfile.localhostProfile: Required value")]
    [InlineData("""{"type":"Unconfined","localhostProfile":"a.json"}""", "can only be set when seccomp type is Localhost")]
    [InlineData("""{"type":"Localhost","localhostProfile":"/etc/shadow"}""", "must be a relative path without '..'")]
    [InlineData("""{"type":"Localhost","localhostProfile":"a/../../x"}""", "must be a relative path without '..'")]
    [InlineData("""{"type":"Docker"}""", "c.seccompProfile.type: Unsupported value")]
    public void A_profile_is_one_of_the_node_the_runtime_or_none(string profile, string? error)
    {
        var errors = new FieldErrors();
        SeccompValidation.Check(errors, "c", new JsonObject { ["seccompProfile"] = JsonNode.Parse(profile) });
        var text = string.Join(';', errors.All.Select(e => $"{e.Field}: {e.Message}"));
        Assert.True(error is null ? text.Length == 0 : text.Contains(error, StringComparison.Ordinal), text);
    }
}
