using System.Data.Common;
using System.Net.Sockets;
using System.Security.Authentication;
using Docker.DotNet;
using Microsoft.Data.Sqlite;
using Npgsql;
using Orchestrator.Node.Agent;

namespace Orchestrator.Node.Logs;

/// <summary>What the log says of an exception.</summary>
internal static class Faults
{
    /// <summary>Whether it is a failure of something around this program, such as a network, a database, a disk or a container engine. Its reason says everything; any
    /// other exception is a defect, which nobody finds without the stack.</summary>
    public static bool IsExpected(Exception e) => e switch
    {
        AggregateException all => all.InnerExceptions.All(IsExpected),
        PostgresException refused => !refused.SqlState.StartsWith("42", StringComparison.Ordinal), // Class 42: the statement is wrong.
        SqliteException { SqliteErrorCode: 1 } => false, // The same.
        DbException or IOException or SocketException or HttpRequestException or AuthenticationException or UnauthorizedAccessException => true,
        OperationCanceledException or TimeoutException or Akka.Actor.AskTimeoutException => true,
        RuntimeUnavailableException or DockerApiException => true,
        _ => IsOfConnections(e),
    };

    /// <summary>What it says, and what its causes add to that.</summary>
    public static string Reason(Exception e)
    {
        var said = IsExpected(e) ? e.Message : $"{e.GetType().Name}: {e.Message}";
        for (var cause = e.InnerException; cause is not null; cause = cause.InnerException)
        {
            said = said.Contains(cause.Message, StringComparison.Ordinal) ? said : $"{said.TrimEnd('.')}: {cause.Message}";
        }

        return said;
    }

    /// <summary>Whether a connection to another host ended. Such exceptions are not public.</summary>
    public static bool IsOfConnections(Exception e) => e.GetType().Namespace?.StartsWith("Akka.Remote", StringComparison.Ordinal) == true;
}
