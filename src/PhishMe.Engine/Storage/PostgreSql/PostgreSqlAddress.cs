using Npgsql;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>What the text of a connection says, completed by what we need.</summary>
internal sealed class PostgreSqlAddress
{
    private readonly NpgsqlConnectionStringBuilder _settings;

    private PostgreSqlAddress(NpgsqlConnectionStringBuilder settings, string schema, SharedStateAddress address)
    {
        _settings = settings;
        Schema = schema;
        Address = address;
    }

    /// <summary>The schema of the database that our tables are in.</summary>
    public string Schema { get; }

    public SharedStateAddress Address { get; }

    public string Name => Address.Name;

    /// <summary>Reads the text.</summary>
    /// <exception cref="PhishMeException">The text is not one, or asks for what cannot be.</exception>
    public static PostgreSqlAddress Read(SharedStateAddress address)
    {
        var read = PostgreSqlConnectionText.Read(address.Connection, Environment.CurrentDirectory);
        if (read.Problems.FirstOrDefault(problem => problem.Kind == ConnectionProblemKind.NotUsable) is ConnectionProblem problem)
        {
            throw new PhishMeException(Faults.StateServerRefused, $"The connection cannot be used. {problem.Message}", address.Name);
        }

        var settings = new NpgsqlConnectionStringBuilder(read.Text);
        var schema = PostgreSqlConnectionText.SchemaOf(settings)!;
        settings.SearchPath = schema;
        settings.Enlist = false;
        // One connection for as long as the state is open: a pool would keep the lease of a run that has ended.
        settings.Pooling = false;
        settings.Multiplexing = false;
        settings.MaxAutoPrepare = settings.MaxAutoPrepare == 0 ? 200 : settings.MaxAutoPrepare;
        settings.AutoPrepareMinUsages = 2;
        settings.ApplicationName ??= "phishme";
        if (!settings.Gives("Command Timeout"))
        {
            settings.CommandTimeout = 600;
        }

        if (!settings.Gives("SSL Mode") && !PostgreSqlConnectionText.IsLocal(settings.Host))
        {
            settings.SslMode = SslMode.VerifyFull;
        }

        return new PostgreSqlAddress(settings, schema, address);
    }

    /// <summary>Makes what connections come from.</summary>
    /// <param name="writes">Whether it must be a server that takes changes.</param>
    public NpgsqlDataSource Build(bool writes)
    {
        var settings = new NpgsqlConnectionStringBuilder(_settings.ConnectionString);
        var isMany = settings.Host?.Contains(',', StringComparison.Ordinal) == true;
        if (writes && isMany)
        {
            settings.TargetSessionAttributes = "primary";
        }

        if (writes)
        {
            // Who waits for a lease reads here who has it.
            settings.ApplicationName = $"phishme {Address.Host} {Environment.ProcessId}";
        }

        try
        {
            // The parts that are needed, so that the native program does not carry the others.
            var builder = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString);
            builder.EnableArrays();
            builder.EnableTransportSecurity();
            builder.EnableIntegratedSecurity();
            return builder.Build();
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException or InvalidOperationException)
        {
            throw new PhishMeException(Faults.StateServerRefused, $"The connection cannot be used: {exception.Message}", Name, exception);
        }
    }
}
