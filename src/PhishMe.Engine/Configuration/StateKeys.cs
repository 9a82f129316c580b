using PhishMe.Engine.Storage;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Configuration;

/// <summary>Where the state is: [local_sqlite], the state file of this host, and [state], a database that hosts share.</summary>
internal static class StateKeys
{
    public const string SqliteSection = "local_sqlite";

    public const string SharedSection = "state";

    private const int LongestHostName = 63;

    /// <summary>[local_sqlite].</summary>
    public static SectionSchema Sqlite { get; } = new()
    {
        Name = SqliteSection,
        Description = "The state file, which every run needs, and the optional store of threats in it.",
        DeclareKeys = () =>
        [
            Flag("use", "False", "Keep full threats and an index of indicators for offline look-ups. The other keys apply even if this is False."),
            new()
            {
                Name = "db", Kind = ValueKind.OutputFile, Description = "The state file. Empty: <name of this file>.db beside it.",
                KnownIn = KnownIn.Documentation2017,
            },
            new()
            {
                Name = "db_location", Kind = ValueKind.OutputFile, Description = "Another name of db. If both are present, db wins.",
                KnownIn = KnownIn.OlderVersions | KnownIn.Version480,
            },
            Flag("data_deduplication_use", "False",
                "Do not deliver a threat again if it has not changed.") with { MayBeEmpty = true, KnownIn = KnownIn.Documentation2017 },
            Number("data_deduplication_hours", "24", 1, 8760,
                "Hours for which an unchanged threat is not delivered again.") with { MayBeEmpty = true, KnownIn = KnownIn.Documentation2017 },
            Flag("data_retention_use", "False",
                "Remove old threats from the store.") with { MayBeEmpty = true, KnownIn = KnownIn.OlderVersions | KnownIn.Version480 },
            Number("data_retention_days", "365", 1, 365, "Days that threats stay in the store.") with
            {
                MayBeEmpty = true, KnownIn = KnownIn.OlderVersions | KnownIn.Version480,
            },
        ],
    };

    /// <summary>[state].</summary>
    public static SectionSchema Shared { get; } = new()
    {
        Name = SharedSection,
        Description = "For more than one host: a PostgreSQL database that takes the place of the state file. Empty for one host.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(Secret("connection",
                "Connection to the database as Npgsql writes it: Host=db.example;Username=…;Password=…;Database=…. Several hosts are separated by commas. " +
                "TLS is verified. Empty: the state file.")),
            Ours(Text("host_name",
                "Name of this host among those that share the state: letters, digits, '-', '_' and '.'. Empty: the name of this machine.")),
        ],
    };

    /// <summary>Reads [state].</summary>
    /// <returns>How the database is reached; null when the state is in a file.</returns>
    public static SharedStateAddress? ReadShared(SectionValues section, ReadingContext context)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(context);
        if ((context.StateConnection ?? (section.Exists ? section.Secret("connection") : null)) is not string text)
        {
            return null;
        }

        var connection = context.ReadConnection(text, section.Folder);
        section.Hide(connection.Secrets);
        foreach (var problem in connection.Problems)
        {
            section.Report(
                problem.Kind switch
                {
                    ConnectionProblemKind.NotUsable => FindingRules.ConnectionNotUsable,
                    ConnectionProblemKind.FileMissing => FindingRules.FileOfKeyUnreadable,
                    ConnectionProblemKind.NotEncrypted => FindingRules.ConnectionNotEncrypted,
                    ConnectionProblemKind.NotVerified => FindingRules.TlsNotVerified,
                },
                "connection",
                $"The connection to the shared state: {problem.Message}");
        }

        return new SharedStateAddress { Connection = connection.Text, Name = connection.Name, Host = ReadHost(section, context) };
    }

    /// <summary>Reads [local_sqlite].</summary>
    /// <param name="section">The section.</param>
    /// <param name="fallback">The state file when none is named.</param>
    /// <param name="needsThreats">Whether something is made from the store, whatever use says.</param>
    /// <param name="shared">The database that hosts share; null when the state is in the file.</param>
    /// <param name="isWindows">Whether the rules of Windows hold for paths.</param>
    /// <param name="key">The key that names the file.</param>
    public static StateSettings Read(SectionValues section, string fallback, bool needsThreats, SharedStateAddress? shared, bool isWindows, out string key)
    {
        ArgumentNullException.ThrowIfNull(section);
        key = "db";
        if (section.Unchecked("db") is null && section.Unchecked("db_location") is not null)
        {
            key = "db_location";
        }
        else if (section.Unchecked("db") is not null && section.Unchecked("db_location") is not null)
        {
            section.Report(FindingRules.BothSpellings, "db_location", "db and db_location are two names of one key; db wins. " +
                "Remove one.");
        }

        var file = section.OutputFile(key, fallback)!;
        if (shared is null)
        {
            CheckFile(section, key, file, isWindows);
        }

        return new StateSettings
        {
            File = file,
            Shared = shared,
            // Lists are made from the store, and the files of a host catch up from a shared one; configurations of the original do not ask for it.
            KeepThreats = section.Boolean("use") || needsThreats || shared is not null,
            DeduplicationHours = section.Boolean("data_deduplication_use") ? section.Integer("data_deduplication_hours") : null,
            RetentionDays = section.Boolean("data_retention_use") ? section.Integer("data_retention_days") : null,
        };
    }

    private static void CheckFile(SectionValues section, string key, string file, bool isWindows)
    {
        if (File.Exists(file) && Path.GetDirectoryName(file) is { } folder && !PathAccess.CanCreateIn(folder))
        {
            section.Report(FindingRules.PathNotWritable, key,
                $"The folder {folder} is read-only for this account, and the state file needs a journal beside it. Give " +
                $"the account permission to write there, or name another place in db.");
        }

        if (isWindows && WindowsPath.IsRemote(file, WindowsPath.IsNetworkDrive))
        {
            section.Report(FindingRules.PathInvalid, key,
                $"{file} is on another computer. The state file needs shared memory between processes, which no network drive has. Name a path on " +
                $"a disk of this computer in db; outputs may stay where they are.");
        }
    }

    /// <summary>A name that can be a part of the id of a destination.</summary>
    private static string ReadHost(SectionValues section, ReadingContext context)
    {
        if (!section.Exists || section.Text("host_name") is not string named)
        {
            var machine = new string([.. context.MachineName.ToLowerInvariant().Take(LongestHostName).Select(character => IsOfName(character) ? character : '-')]);
            return machine.Length > 0 ? machine : "host";
        }

        var name = named.ToLowerInvariant();
        if (name.Length > LongestHostName || !name.All(IsOfName))
        {
            section.Report(FindingRules.NotAHost, "host_name", "The name of a host has at most 63 letters (a to z), digits, '-', '_' and '.'. Correct it.");
            return "host";
        }

        return name;
    }

    private static bool IsOfName(char character) => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '-' or '_' or '.';
}
