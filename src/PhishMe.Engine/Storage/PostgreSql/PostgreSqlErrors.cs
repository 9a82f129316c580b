using System.Security.Authentication;
using Npgsql;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>Tells in our words what an error of the server or of the way to it means.</summary>
internal static class PostgreSqlErrors
{
    /// <summary>Whether an exception comes from the server, from the connection, or from values that no run ever wrote.</summary>
    public static bool IsOurs(Exception exception) =>
        exception is NpgsqlException or IOException or TimeoutException or InvalidCastException or ArgumentException or OverflowException or FormatException
            or InvalidOperationException or System.Net.Sockets.SocketException;

    /// <summary>Whether the connection is gone, or the server is: another try may succeed.</summary>
    public static bool IsConnectionLost(Exception exception) => exception switch
    {
        // Class 57P: the server shuts down, crashed or is starting. 25006: a primary became a standby. 08: the connection.
        PostgresException error => error.SqlState.StartsWith("57P", StringComparison.Ordinal) || error.SqlState.StartsWith("08", StringComparison.Ordinal) || error.SqlState == "25006",
        NpgsqlException { InnerException: AuthenticationException } => false,
        NpgsqlException or IOException or TimeoutException or System.Net.Sockets.SocketException => true,
        // A command on a connection that was closed under it.
        InvalidOperationException => true,
        _ => false,
    };

    /// <summary>The fault behind an exception.</summary>
    /// <param name="exception">What happened.</param>
    /// <param name="where">What messages call the database.</param>
    public static PhishMeException Of(Exception exception, string where)
    {
        var message = exception is PostgresException error ? $"{error.MessageText} (SQLSTATE {error.SqlState})" : Innermost(exception).Message;
        if (exception is PostgresException { SqlState: { } state } && (state.StartsWith("28", StringComparison.Ordinal) || state is "42501" or "3D000"))
        {
            return new PhishMeException(Faults.StateServerRefused, $"The PostgreSQL server refused this account: {message}", where, exception);
        }

        if (exception.InnerException is AuthenticationException || exception is AuthenticationException)
        {
            return new PhishMeException(Faults.StateServerRefused, $"The certificate of the PostgreSQL server was refused, or ours: {message}", where, exception);
        }

        return exception is not PostgresException and not InvalidCastException && IsConnectionLost(exception)
            ? new PhishMeException(Faults.StateServerUnreachable, $"The PostgreSQL server cannot be reached, or the connection to it broke: {message}", where, exception)
            : IsConnectionLost(exception)
                ? new PhishMeException(Faults.StateServerUnreachable, $"The PostgreSQL server ended the connection: {message}", where, exception)
                : new PhishMeException(Faults.StateServerFailing, $"The shared state cannot be used: {message}", where, exception);
    }

    private static Exception Innermost(Exception exception) => exception.InnerException is Exception inner ? Innermost(inner) : exception;
}
