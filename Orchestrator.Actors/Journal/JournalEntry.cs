namespace Orchestrator.Actors.Journal;

/// <summary>An event to be appended.</summary>
/// <param name="Item">The event; its revision is set when it is stored.</param>
/// <param name="Payload">Its stored form.</param>
internal readonly record struct JournalEntry(Committed Item, byte[] Payload)
{
    /// <summary>The serializer's number in the journal's rows.</summary>
    public const int Serializer = 7100;

    /// <summary>Encodes an event.</summary>
    public static JournalEntry Of(Committed item) => new(item, ObjectEventCodec.Encode(item.Event));
}
