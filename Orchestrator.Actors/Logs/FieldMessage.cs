using Akka.Event;

namespace Orchestrator.Actors.Logs;

/// <summary>What one line of the log says: a sentence that is the same whenever this happens, and named values, such as the object that it is about.</summary>
/// <remarks>The names: <c>object</c> is a key such as <c>pods/default/web-1</c>, <c>reason</c> a word as in the Events of Kubernetes, <c>error</c> what a failure says of
/// itself, <c>revision</c> the event of the journal that it belongs to.</remarks>
/// <param name="text">The sentence, without a full stop.</param>
/// <param name="fields">The values by name; one that is null is left out.</param>
public sealed class FieldMessage(string text, params (string Name, object? Value)[] fields) : LogMessage(DefaultLogMessageFormatter.Instance, text)
{
    /// <summary>The sentence.</summary>
    public string Text => Format;

    /// <summary>The values by name.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Fields { get; } = [.. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))];

    /// <inheritdoc/>
    public override string Unformatted() => Format;

    /// <inheritdoc/>
    public override IEnumerable<object> Parameters() => Fields.Select(f => f.Value).OfType<object>();

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', Fields.Where(f => f.Value is not null).Select(f => $"{f.Key}={f.Value}").Prepend(Format));
}
