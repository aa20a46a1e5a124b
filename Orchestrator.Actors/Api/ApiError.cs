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

    /// <summary>406: none of the media types that the client accepts is supported.</summary>
    NotAcceptable,

    /// <summary>409: an object with this name exists.</summary>
    AlreadyExists,

    /// <summary>409: the resourceVersion or uid is not the current one.</summary>
    Conflict,

    /// <summary>410: the resourceVersion or continue token is too old.</summary>
    Expired,

    /// <summary>413.</summary>
    RequestEntityTooLarge,

    /// <summary>415.</summary>
    UnsupportedMediaType,

    /// <summary>422.</summary>
    Invalid,

    /// <summary>429.</summary>
    TooManyRequests,

    /// <summary>500: a bug of the server.</summary>
    InternalError,

    /// <summary>503: the server or its journal is not available.</summary>
    ServiceUnavailable,

    /// <summary>504: the outcome is unknown because no reply came in time.</summary>
    Timeout,

    /// <summary>507: the disk of the journal is full; nothing was stored.</summary>
    InsufficientStorage,
}

/// <summary>An invalid field: an entry of <c>Status.details.causes</c>.</summary>
/// <param name="Field">Path of the field, such as <c>spec.replicas</c>.</param>
/// <param name="Reason">Such as <c>FieldValueInvalid</c>.</param>
/// <param name="Message">What is wrong with the value, and which values are valid.</param>
public sealed record ApiCause(string Field, string Reason, string Message);

/// <summary>An error that is returned to the client.</summary>
/// <param name="Reason">Reason; determines the HTTP status code.</param>
/// <param name="Message">Message for the user.</param>
/// <param name="Causes">The invalid fields; empty if the error is not about fields.</param>
[method: System.Text.Json.Serialization.JsonConstructor]
public sealed record ApiError(ApiReason Reason, string Message, ImmutableArray<ApiCause> Causes)
{
    /// <summary>Creates an error without causes.</summary>
    public ApiError(ApiReason reason, string message) : this(reason, message, []) { }

    /// <summary>The object does not exist (404).</summary>
    public static ApiError NotFound(ObjectKey key) => new(ApiReason.NotFound, $"{key.Resource} \"{key.Name}\" not found");

    /// <summary>An object with the same key exists (409).</summary>
    public static ApiError AlreadyExists(ObjectKey key) => new(ApiReason.AlreadyExists, $"{key.Resource} \"{key.Name}\" already exists");

    /// <summary>The object is not in the state that the request requires (409).</summary>
    public static ApiError Conflict(ObjectKey key, string why) =>
        new(ApiReason.Conflict, $"Operation cannot be fulfilled on {key.Resource} \"{key.Name}\": {why}");

    /// <summary>The write is based on an outdated resourceVersion (409).</summary>
    public static ApiError Stale(ObjectKey key) =>
        Conflict(key, "the object has been modified; please apply your changes to the latest version and try again");
}
