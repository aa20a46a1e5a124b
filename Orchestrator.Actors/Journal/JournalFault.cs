using System.Data.Common;
using Akka.Pattern;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Journal;

/// <summary>The database is away; nothing of the write was stored.</summary>
public sealed class JournalUnavailableException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>The answer to a commit was lost, and the database could not be asked since: the write is stored or it is not.</summary>
public sealed class JournalOutcomeUnknownException(Exception inner) : IOException("The journal's answer was lost; the write may be stored or not.", inner);

/// <summary>What a failed write means to whoever asked for it.</summary>
public static class JournalFault
{
    /// <summary>A refusal that says no more than is known.</summary>
    public static ApiError ToError(Exception cause) => cause.GetBaseException() is OpenCircuitException || Find(cause)
        ? new ApiError(ApiReason.ServiceUnavailable, "The journal did not take the change; nothing was stored. Try again.")
        : new ApiError(ApiReason.Timeout, "The journal did not say whether it took the change; it may be stored or not. Read the object again before you repeat it.");

    // The writer lets errors of the database through only for rows that were refused.
    private static bool Find(Exception? e) => e switch
    {
        null => false,
        JournalOutcomeUnknownException => false,
        JournalUnavailableException or DbException => true,
        _ => Find(e.InnerException),
    };
}
