using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Resources;

/// <summary>The behaviour of a kind when its objects are written, similar to a registry strategy in Kubernetes. Pure.</summary>
public interface IResourceStrategy
{
    /// <summary>Sets the defaults of absent and empty fields. Runs before validation.</summary>
    void Default(JsonObject o);

    /// <summary>Modifies a new object after its defaults were set, as an admission plugin does. Does not run for updates.</summary>
    /// <param name="o">The object.</param>
    /// <param name="view">What it may look up.</param>
    /// <returns>Why the object is refused; null if it is not.</returns>
    string? Admit(JsonObject o, IAdmissionView view);

    /// <summary>Decides whether the cluster permits a valid object, as a validating admission plugin does.</summary>
    /// <param name="o">The object, or its new version. It must not be modified.</param>
    /// <param name="old">The stored version; null for a new object.</param>
    /// <param name="view">What it may look up.</param>
    /// <returns>Why the object is refused; null if it is not.</returns>
    string? Permit(JsonObject o, JsonObject? old, IAdmissionView view);

    /// <summary>Completes the new version of an object with what the stored one was given and a client need not repeat. Runs after the defaults, before validation.</summary>
    /// <param name="o">The new version, with defaults. It is modified.</param>
    /// <param name="old">The stored version, with defaults.</param>
    void Carry(JsonObject o, JsonObject old);

    /// <summary>Validates an object whose defaults were set.</summary>
    void Validate(JsonObject o, FieldErrors errors);

    /// <summary>Validates a change, such as of immutable fields.</summary>
    /// <param name="o">The new version, with defaults.</param>
    /// <param name="old">The stored version, with defaults.</param>
    /// <param name="errors">Collects the errors.</param>
    void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors);

    /// <summary>Validates a status that a client writes.</summary>
    void ValidateStatus(JsonObject status, FieldErrors errors);

    /// <summary>Returns warnings for the client; they do not prevent the write.</summary>
    IEnumerable<string> Warnings(JsonObject o);

    /// <summary>Prepares a new object of a kind with a status, such as by setting its initial status. Runs for clients and controllers.</summary>
    void PrepareForCreate(JsonObject o);

    /// <summary>Prepares the new version of an object that has the status of the stored one, such as by taking away what no longer applies. Runs for clients and controllers.</summary>
    void PrepareForUpdate(JsonObject o);

    /// <summary>Modifies an object whose deletion begins.</summary>
    void PrepareForDelete(JsonObject o);

    /// <summary>Returns the grace period of a deletion in seconds; 0 deletes the object immediately.</summary>
    /// <param name="item">The object.</param>
    /// <param name="asked">Grace period that the request sets, in seconds. Null: that of the object.</param>
    long GraceSeconds(KubeObject item, long? asked);

    /// <summary>Whether a deletion must wait for something other than <c>metadata.finalizers</c>.</summary>
    /// <param name="o">The object.</param>
    /// <param name="graceSeconds">Grace period of the deletion in seconds.</param>
    bool IsHeld(JsonObject o, long graceSeconds);
}

/// <summary>The default strategy. Kinds override what differs.</summary>
public class ResourceStrategy : IResourceStrategy
{
    /// <summary>The strategy of kinds without special behaviour.</summary>
    public static readonly ResourceStrategy Plain = new();

    /// <inheritdoc/>
    public virtual void Default(JsonObject o)
    {
    }

    /// <inheritdoc/>
    public virtual string? Admit(JsonObject o, IAdmissionView view) => null;

    /// <inheritdoc/>
    public virtual string? Permit(JsonObject o, JsonObject? old, IAdmissionView view) => null;

    /// <inheritdoc/>
    public virtual void Carry(JsonObject o, JsonObject old)
    {
    }

    /// <inheritdoc/>
    public virtual void ValidateStatus(JsonObject status, FieldErrors errors)
    {
    }

    /// <inheritdoc/>
    public virtual void Validate(JsonObject o, FieldErrors errors)
    {
    }

    /// <inheritdoc/>
    public virtual void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors)
    {
    }

    /// <inheritdoc/>
    public virtual IEnumerable<string> Warnings(JsonObject o) => [];

    /// <inheritdoc/>
    public virtual void PrepareForCreate(JsonObject o) => o.Remove("status");

    /// <inheritdoc/>
    public virtual void PrepareForUpdate(JsonObject o)
    {
    }

    /// <inheritdoc/>
    public virtual void PrepareForDelete(JsonObject o)
    {
    }

    /// <inheritdoc/>
    public virtual long GraceSeconds(KubeObject item, long? asked) => 0;

    /// <inheritdoc/>
    public virtual bool IsHeld(JsonObject o, long graceSeconds) => false;
}
