using Orchestrator.Actors.Api;

namespace Orchestrator.Node.ApiServer.Answers;

/// <summary>What a refusal is about: <c>Status.details</c>.</summary>
internal sealed record ApiSubject(string Group, string Kind, string? Name);

/// <summary>Ends a request with a refusal from deep inside decoding.</summary>
internal sealed class ApiException(ApiError error) : Exception(error.Message)
{
    public ApiError Error => error;

    /// <summary>Null: what the path names.</summary>
    public ApiSubject? Subject { get; init; }

    /// <summary>The token that a list goes on with nevertheless; null for none.</summary>
    public string? Continue { get; init; }

    public ApiException(ApiReason reason, string message) : this(new ApiError(reason, message)) { }
}
