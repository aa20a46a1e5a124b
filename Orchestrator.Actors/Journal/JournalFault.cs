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

/// <summary>A file of the journal is no longer where this host opened it, so what is committed to it would be lost.</summary>
/// <param name="path">The file.</param>
/// <param name="isStored">Whether the write was committed to the file that was moved.</param>
public sealed class JournalMovedException(string path, bool isStored) : IOException(
    $"{path} was moved or deleted while this host was running. Move it back, or stop the host and restore the journal from a backup.")
{
    /// <summary>Whether the write was committed to the file that was moved. If the file comes back, the write does too.</summary>
    public bool IsStored => isStored;
}

/// <summary>Maps a failed write to the error that the client gets.</summary>
public static class JournalFault
{
    /// <summary>The API error for a failed write.</summary>
    public static ApiError ToError(Exception cause) => IsFull(cause)
        ? new ApiError(ApiReason.InsufficientStorage, "The disk of the journal is full; nothing was stored. Free space on it, then try again.")
        : Moved(cause) is { IsStored: false }
        ? new ApiError(ApiReason.ServiceUnavailable, "The file of the journal was moved or deleted on the control host; nothing was stored. Move it back, or restore it from a backup.")
        : Moved(cause) is not null
        ? new ApiError(ApiReason.Timeout, "The file of the journal was moved or deleted on the control host while the change was stored. The change is only there if the file is moved back.")
        : cause.GetBaseException() is OpenCircuitException || Find(cause)
        ? new ApiError(ApiReason.ServiceUnavailable, "The change could not be written to the journal; nothing was stored. Try again.")
        : new ApiError(ApiReason.Timeout, "The journal did not confirm the change in time; it may or may not be stored. Read the object again before you repeat the request.");

    private static bool IsFull(Exception? e) => e is not null && (e is JournalFullException || IsFull(e.InnerException));

    private static JournalMovedException? Moved(Exception? e) => e is null ? null : e as JournalMovedException ?? Moved(e.InnerException);

    // The writer passes database errors on only for rejected rows.
    private static bool Find(Exception? e) => e switch
    {
        null => false,
        JournalOutcomeUnknownException => false,
        JournalUnavailableException or DbException => true,
        _ => Find(e.InnerException),
    };
}
