using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Products;
using PhishMe.Engine.Files;
using PhishMe.Engine.Running.Logging;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.PostgreSql;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Threats;

namespace PhishMe.Engine.Running;

/// <summary>What the composition root decides and a test may decide otherwise.</summary>
internal sealed record EngineSettings
{
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public ApiTimings Timings { get; init; } = new();

    /// <summary>Resolves <c>secret:NAME</c>; null without a vault.</summary>
    public Func<string, string?>? SecretResolver { get; init; }

    /// <summary>The products that can be configured.</summary>
    public IReadOnlyList<IProduct> Products { get; init; } = ProductCatalogue.All;

    /// <summary>What a configuration is read with.</summary>
    public ReadingContext Reading => new()
    {
        Products = Products,
        SecretResolver = SecretResolver,
        Clock = Clock,
        ReadConnection = static (text, folder) => PostgreSqlConnectionText.Read(text, folder),
    };

    /// <summary>Reads the model of a threat: the seam at which a test counts.</summary>
    public Func<ReadOnlyMemory<byte>, ReadThreat> ThreatReader { get; init; } = ReadThreat.Of;

    /// <summary>Whether the process is ours alone, so that its garbage may be collected when a backfill wants it.</summary>
    public bool BoundsGarbage { get; init; }

    /// <summary>For the User-Agent.</summary>
    public string Version { get; init; } = "0";

    /// <summary>The folder for everything this user keeps; null for the one the environment or the system names.</summary>
    public string? Home { get; init; }

    /// <summary>Opens the state: the one place that knows what can keep it.</summary>
    public IStateBackend States { get; init; } = new ChosenStateBackend(new SqliteStateBackend(), static () => new PostgreSqlStateBackend(TimeProvider.System));

    /// <summary>Renames and deletes files.</summary>
    public IFileCalls Files { get; init; } = FileCalls.OfSystem;

    /// <summary>Opens the log of the host.</summary>
    public Func<ISystemLog> HostLog { get; init; } = RunLog.OfHost;

    /// <summary>Receives the name of each step of a run: the seam at which tests kill it. Null in production.</summary>
    public Action<string>? Step { get; init; }
}
