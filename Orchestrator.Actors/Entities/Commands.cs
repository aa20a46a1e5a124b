using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.Entities;

/// <summary>A request to one object's entity.</summary>
/// <param name="Key">The object.</param>
/// <param name="By">The user or actor that asks.</param>
/// <param name="Cause">Revision of the event that led to the command; 0 for a request from a client.</param>
public abstract record ObjectCommand(ObjectKey Key, UserInfo By, long Cause) : IWireMessage
{
    /// <summary>Default timeout of a reply. 15 s.</summary>
    public static readonly TimeSpan ReplyBound = TimeSpan.FromSeconds(15);

    /// <summary>Timeout for senders of up to a thousand commands at once. 30 s.</summary>
    public static readonly TimeSpan BulkReplyBound = ReplyBound * 2;

    /// <summary>Set by the sender and copied into the reply, so that the sender can match them. 0 for none.</summary>
    [JsonPropertyName("Ticket")]
    public long CorrelationId { get; init; }

    /// <summary>Creates the reply for a command that timed out. The command may have been carried out nevertheless.</summary>
    /// <param name="bound">The timeout.</param>
    public CommandReply Unanswered(TimeSpan bound) => new(null, new ApiError(ApiReason.Timeout, $"{Key} did not answer in {bound.TotalSeconds:0} s.{Advice}"))
    {
        CorrelationId = CorrelationId,
    };

    private string Advice => this is GetObject ? "" : " Read it again to see whether the change happened.";
}

/// <summary>Creates the object. The entity sets uid, timestamps and version. The object may be shared; do not modify it.</summary>
public sealed record CreateObject(ObjectKey Key, JsonObject Object, UserInfo By, long Cause = 0) : ObjectCommand(Key, By, Cause)
{
    /// <summary>Whether the sender ran <see cref="Admission.Admitter"/> on the object: the API server, for the client's warnings, and a controller that
    /// creates many objects from one template. Otherwise the entity runs it. Not sent to other hosts.</summary>
    [JsonIgnore]
    public bool IsAdmitted { get; init; }
}

/// <summary>Replaces the object, or only the document of a subresource.</summary>
/// <param name="Key">The object.</param>
/// <param name="Object">The whole new object, defaulted and validated.</param>
/// <param name="Subresource">Empty, or <c>status</c>.</param>
/// <param name="ExpectedRevision">0 for an unconditional write.</param>
/// <param name="By">The user or actor that asks.</param>
/// <param name="Cause">See <see cref="ObjectCommand"/>.</param>
/// <param name="Verb">Past tense for the event's manifest; default <c>updated</c> or <c>status-updated</c>.</param>
public sealed record ReplaceObject(ObjectKey Key, JsonObject Object, string Subresource, long ExpectedRevision, UserInfo By,
    long Cause = 0, string? Verb = null) : ObjectCommand(Key, By, Cause);

/// <summary>Merges a patch of a component of the cluster (status reports, bindings) into the object; if nothing changes, no event is written.</summary>
/// <param name="Key">The object.</param>
/// <param name="Uid">The uid of the object it is meant for; if the object has another one, the command is rejected with Conflict.</param>
/// <param name="Patch">RFC 7386 merge patch, except that <c>status.conditions</c> are merged by type, because each type has its own writer.</param>
/// <param name="Verb">Past tense for the manifest, such as <c>scheduled</c>.</param>
/// <param name="By">The actor that asks.</param>
/// <param name="Cause">See <see cref="ObjectCommand"/>.</param>
/// <param name="Details">Additional data to store in the event.</param>
/// <param name="RecordedEvents">Kubernetes Events to record, also when nothing else changes.</param>
/// <param name="ExpectedRevision">If the object has another revision, the command is rejected with Conflict. Set it for a patch that rewrites a list
/// that was read. 0 for any.</param>
public sealed record MergeObject(ObjectKey Key, string Uid, JsonObject Patch, string Verb, UserInfo By, long Cause = 0,
    JsonObject? Details = null, [property: JsonPropertyName("Notes")] ImmutableArray<RecordedEvent> RecordedEvents = default, long ExpectedRevision = 0) : ObjectCommand(Key, By, Cause);

/// <summary>Binds a pod to a node, once.</summary>
public sealed record BindPod(ObjectKey Key, string Uid, string Node, UserInfo By, long Cause = 0, JsonObject? Scores = null)
    : ObjectCommand(Key, By, Cause);

/// <summary>Deletes the object immediately, or sets its <c>deletionTimestamp</c> if a finalizer or a running pod blocks the deletion.</summary>
/// <param name="Key">The object.</param>
/// <param name="By">The user or actor that asks.</param>
/// <param name="Cause">See <see cref="ObjectCommand"/>.</param>
/// <param name="GraceSeconds">Grace period in seconds; null for that of the pod.</param>
/// <param name="Propagation"><c>Background</c>, <c>Foreground</c> or <c>Orphan</c>.</param>
/// <param name="ExpectedUid">Precondition; null for none.</param>
/// <param name="ExpectedRevision">Precondition; 0 for none.</param>
public sealed record DeleteObject(ObjectKey Key, UserInfo By, long Cause = 0, long? GraceSeconds = null, string Propagation = "Background",
    string? ExpectedUid = null, long ExpectedRevision = 0) : ObjectCommand(Key, By, Cause);

/// <summary>Sent by the node agent when all containers of a pod that is being deleted are removed; completes the deletion, or ends the
/// pod if a finalizer keeps it.</summary>
public sealed record ConfirmPodStopped(ObjectKey Key, string Uid, UserInfo By) : ObjectCommand(Key, By, 0);

/// <summary>Reads the object from its entity.</summary>
public sealed record GetObject(ObjectKey Key, UserInfo By) : ObjectCommand(Key, By, 0);

/// <summary>Wakes an entity with a controller, because something that concerns it changed at revision <paramref name="Cause"/>. There is no reply.</summary>
public sealed record WakeObject(ObjectKey Key, long Cause) : ObjectCommand(Key, "system:reconcile-trigger", Cause);

/// <summary>The reply to a command: the object after the command (if deleted, its last state), or an error.</summary>
/// <param name="Object">The object; null on error.</param>
/// <param name="Error">Why the command was rejected; null on success.</param>
/// <param name="IsDeleted">Whether the object was deleted.</param>
/// <param name="Revision">Revision of the command's last event, or of the object's last one when nothing changed, its deletion included.</param>
/// <param name="Before">Revision of the object before the command; 0 if there was none.</param>
public sealed record CommandReply(KubeObject? Object, ApiError? Error, bool IsDeleted = false, long Revision = 0, long Before = 0) : IWireMessage
{
    /// <summary>See <see cref="ObjectCommand.CorrelationId"/>.</summary>
    [JsonPropertyName("Ticket")]
    public long CorrelationId { get; init; }
}
