using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Configuration;

/// <summary>Reads a connection to a shared state that is given outside of a configuration file.</summary>
internal static class ConnectionParameter
{
    /// <summary>Reads it. Files in it are relative to the current folder.</summary>
    /// <param name="connection">Keywords and values, or the place of a secret that has them.</param>
    /// <param name="context">Environment, vault and reader.</param>
    /// <exception cref="PhishMeException">It cannot be used, or the secret cannot be had.</exception>
    public static SharedStateAddress Read(string connection, ReadingContext context)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (SecretSource.TryResolve(connection.Trim(), Environment.CurrentDirectory, context, out var text, out _) is string missing)
        {
            throw new PhishMeException(Faults.SecretUnavailable, $"The connection cannot be had. {missing}");
        }

        var read = context.ReadConnection(text, Environment.CurrentDirectory);
        return read.Problems.FirstOrDefault(problem => problem.Kind == ConnectionProblemKind.NotUsable) is ConnectionProblem problem
            ? throw new PhishMeException(Faults.StateServerRefused, $"The connection cannot be used. {problem.Message}", read.Name)
            : new SharedStateAddress { Connection = read.Text, Name = read.Name, Host = context.MachineName };
    }
}
