using System.Data.Common;
using Akka.Pattern;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Journal;

/// <summary>The database is unavailable and nothing was stored.</summary>
public sealed class JournalUnavailableException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>The disk of the database is full; nothing was stored.</summary>
public sealed class JournalFullException(Exception inner) : IOException("The disk of the journal is full; nothing was stored.", inner);

/// <summary>The answer to a commit was lost and the database has been unavailable since: the write may or may not be stored.</summary>
public sealed class JournalOutcomeUnknownException(Exception inner) : IOException("The answer of the journal's database was lost; the write may or may not be stored.", inner);

/// <summary>Maps a failed write to the error that the client gets.</summary>
public static class JournalFault
{
    /// <summary>The API error for a failed write.</summary>
    public static ApiError ToError(Exception cause) => IsFull(cause)
        ? new ApiError(ApiReason.InsufficientStorage, "The disk of the journal is full; nothing was stored. Free space on it, then try again.")
        : cause.GetBaseException() is OpenCircuitException || Find(cause)
        ? new ApiError(ApiReason.ServiceUnavailable, "The change could not be written to the journal; nothing was stored. Try again.")
        : new ApiError(ApiReason.Timeout, "The journal did not confirm the change in time; it may or may not be stored. Read the object again before you repeat the request.");

    private static bool IsFull(Exception? e) => e is not null && (e is JournalFullException || IsFull(e.InnerException));

    // The writer passes database errors on only for rejected rows.
    private static bool Find(Exception? e) => e switch
    {
        null => false,
        JournalOutcomeUnknownException => false,
        JournalUnavailableException or DbException => true,
        _ => Find(e.InnerException),
    };
}
