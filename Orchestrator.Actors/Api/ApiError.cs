using System.Collections.Immutable;

namespace Orchestrator.Actors.Api;

/// <summary>Why a request is refused: <c>Status.reason</c> of the Kubernetes API conventions.</summary>
public enum ApiReason
{
    /// <summary>400.</summary>
    BadRequest,

    /// <summary>401.</summary>
    Unauthorized,

    /// <summary>403.</summary>
    Forbidden,

    /// <summary>404.</summary>
    NotFound,

    /// <summary>405.</summary>
    MethodNotAllowed,

    /// <summary>406: no form that the client accepts.</summary>
    NotAcceptable,

    /// <summary>409: an object of the name exists.</summary>
    AlreadyExists,

    /// <summary>409: the resourceVersion or uid is not the current one.</summary>
    Conflict,

    /// <summary>410: the version or continue token is too old.</summary>
    Expired,

    /// <summary>413.</summary>
    RequestEntityTooLarge,

    /// <summary>415.</summary>
    UnsupportedMediaType,

    /// <summary>422.</summary>
    Invalid,

    /// <summary>429.</summary>
    TooManyRequests,

    /// <summary>500: a fault of ours.</summary>
    InternalError,

    /// <summary>503: not ready.</summary>
    ServiceUnavailable,

    /// <summary>504: no answer in time.</summary>
    Timeout,

    /// <summary>507: the disk of the journal is full.</summary>
    InsufficientStorage,
}

/// <summary>One field that is wrong: an entry of <c>Status.details.causes</c>.</summary>
/// <param name="Field">Path such as <c>spec.replicas</c>.</param>
/// <param name="Reason"><c>FieldValueInvalid</c> and its siblings.</param>
/// <param name="Message">A sentence that says what to do.</param>
public sealed record ApiCause(string Field, string Reason, string Message);

/// <summary>A refusal as a value.</summary>
/// <param name="Reason">The table entry; decides the HTTP code.</param>
/// <param name="Message">A sentence for the user.</param>
/// <param name="Causes">The fields that are wrong, if it is about fields.</param>
[method: System.Text.Json.Serialization.JsonConstructor]
public sealed record ApiError(ApiReason Reason, string Message, ImmutableArray<ApiCause> Causes)
{
    /// <summary>A refusal that is not about single fields.</summary>
    public ApiError(ApiReason reason, string message) : this(reason, message, []) { }

    /// <summary>404 in Kubernetes' words.</summary>
    public static ApiError NotFound(ObjectKey key) => new(ApiReason.NotFound, $"{key.Resource} \"{key.Name}\" not found");

    /// <summary>409 for a second creation.</summary>
    public static ApiError AlreadyExists(ObjectKey key) => new(ApiReason.AlreadyExists, $"{key.Resource} \"{key.Name}\" already exists");

    /// <summary>409 for a stale write.</summary>
    public static ApiError Conflict(ObjectKey key, string why) =>
        new(ApiReason.Conflict, $"Operation cannot be fulfilled on {key.Resource} \"{key.Name}\": {why}");

    /// <summary>409 for a write that is made from a version which is not the current one.</summary>
    public static ApiError Stale(ObjectKey key) =>
        Conflict(key, "the object has been modified; please apply your changes to the latest version and try again");
}
