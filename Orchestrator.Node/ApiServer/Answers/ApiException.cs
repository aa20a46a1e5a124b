using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

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

    /// <summary>Whether the answer may tell the client when to repeat the request. Client libraries then do so by themselves, without a word to their user.</summary>
    public bool SaysWhenToRepeat { get; init; } = true;

    /// <summary>The refusal of a document with fields that are wrong.</summary>
    public static ApiException Invalid(ResourceDefinition kind, string? name, IReadOnlyList<ApiCause> causes) =>
        new(Admitter.Invalid(kind, name, causes)) { Subject = new(kind.Group, kind.Kind, name) };

    public ApiException(ApiReason reason, string message) : this(new ApiError(reason, message)) { }
}
