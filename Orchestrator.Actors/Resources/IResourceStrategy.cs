using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Resources;

/// <summary>What is particular to a kind when an object is written (the shape of Kubernetes' registry strategies). Pure.</summary>
public interface IResourceStrategy
{
    /// <summary>Fills in what is absent; an empty text is absent. Before validation, so rules need not repeat it.</summary>
    void Default(JsonObject o);

    /// <summary>What only a new object gets, by admission, after its defaults.</summary>
    void Admit(JsonObject o);

    /// <summary>Says what is wrong with an object, defaulted before.</summary>
    void Validate(JsonObject o, FieldErrors errors);

    /// <summary>Says what may not be changed.</summary>
    /// <param name="o">The object as it is to be, defaulted before.</param>
    /// <param name="old">The object as it is, defaulted too.</param>
    /// <param name="errors">Takes what is wrong.</param>
    void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors);

    /// <summary>Sentences for the writer that do not stand against the write.</summary>
    IEnumerable<string> Warnings(JsonObject o);

    /// <summary>What a new object of a kind with a status begins with, whoever makes it: its first status above all.</summary>
    void PrepareForCreate(JsonObject o);

    /// <summary>What changes in an object whose deletion begins.</summary>
    void PrepareForDelete(JsonObject o);

    /// <summary>Seconds that an object has for its end; 0 when it goes at once.</summary>
    /// <param name="item">The object.</param>
    /// <param name="asked">What the deletion asks for; null for the object's own.</param>
    long GraceSeconds(KubeObject item, long? asked);

    /// <summary>Whether something of the object itself stands against its end, besides <c>metadata.finalizers</c>.</summary>
    /// <param name="o">The object.</param>
    /// <param name="graceSeconds">What it has for its end.</param>
    bool IsHeld(JsonObject o, long graceSeconds);
}

/// <summary>A kind without anything particular; others override what they need.</summary>
public class ResourceStrategy : IResourceStrategy
{
    /// <summary>Nothing particular.</summary>
    public static readonly ResourceStrategy Plain = new();

    /// <inheritdoc/>
    public virtual void Default(JsonObject o)
    {
    }

    /// <inheritdoc/>
    public virtual void Admit(JsonObject o)
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
    public virtual void PrepareForDelete(JsonObject o)
    {
    }

    /// <inheritdoc/>
    public virtual long GraceSeconds(KubeObject item, long? asked) => 0;

    /// <inheritdoc/>
    public virtual bool IsHeld(JsonObject o, long graceSeconds) => false;
}
