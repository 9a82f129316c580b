using System.Text.RegularExpressions;
using Npgsql;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>What the text of a connection says, completed by what we need.</summary>
internal sealed partial class PostgreSqlAddress
{
    private const string DefaultSchema = "phishme";

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
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(address.Connection);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidCastException or KeyNotFoundException)
        {
            throw new PhishMeException(Faults.StateServerRefused, $"The connection is not written as Npgsql reads it: {exception.Message}", address.Name, exception);
        }

        var schema = settings.SearchPath?.Split(',')[0].Trim() is { Length: > 0 } named ? named : DefaultSchema;
        if (!PlainName().IsMatch(schema))
        {
            throw new PhishMeException(
                Faults.StateServerRefused, "Search Path names the schema of the tables: lower-case letters, digits and _, beginning with a letter.", address.Name);
        }

        settings.SearchPath = schema;
        settings.Enlist = false;
        // One connection for as long as the state is open: a pool would keep the lease of a run that has ended.
        settings.Pooling = false;
        settings.Multiplexing = false;
        settings.MaxAutoPrepare = settings.MaxAutoPrepare == 0 ? 200 : settings.MaxAutoPrepare;
        settings.AutoPrepareMinUsages = 2;
        settings.ApplicationName ??= "phishme";
        if (!settings.ContainsKey("Command Timeout"))
        {
            settings.CommandTimeout = 600;
        }

        if (!settings.ContainsKey("SSL Mode") && !IsLocal(settings.Host))
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

    private static bool IsLocal(string? hosts) => hosts is null || hosts.Split(',').All(host =>
    {
        var name = host.Trim();
        return name.Length == 0 || name[0] is '/' or '@' || (name.Length > 1 && name[1] == ':' && name.Contains('\\', StringComparison.Ordinal))
            || name.Split(':')[0] is "localhost" or "127.0.0.1" || name.StartsWith("[::1]", StringComparison.Ordinal) || name == "::1";
    });

    [GeneratedRegex("^[a-z][a-z0-9_]{0,62}$")]
    private static partial Regex PlainName();
}
