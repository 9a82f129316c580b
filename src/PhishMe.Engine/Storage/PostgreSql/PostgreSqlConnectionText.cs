using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>
/// Reads the text of a connection as Npgsql does, and says what is wrong with it. Messages of Npgsql are not passed on: a password with a semicolon that is not
/// quoted ends in them.
/// </summary>
internal static partial class PostgreSqlConnectionText
{
    private const string DefaultSchema = "phishme";

    private static readonly string[] _fileKeywords = ["SSL Certificate", "SSL Key", "Root Certificate", "Passfile"];

    /// <summary>Reads it.</summary>
    /// <param name="text">Keywords and values of Npgsql.</param>
    /// <param name="folder">The folder that relative paths start from.</param>
    public static SharedConnection Read(string text, string folder)
    {
        var problems = new List<ConnectionProblem>();
        var settings = new NpgsqlConnectionStringBuilder();
        if (KeywordsIn(text) is not { } keywords)
        {
            return Unusable(text, "It is not a list of keyword=value separated by ';'. Write Host=…;Username=…;Password=…;Database=…. " +
                "Put a value with a semicolon or a quote in double quotes.");
        }

        for (var place = 0; place < keywords.Count; place++)
        {
            if (TrySet(settings, keywords[place]) is string wrong)
            {
                return Unusable(text, string.Create(CultureInfo.InvariantCulture, $"Its {Ordinal(place + 1)} keyword{wrong}"));
            }
        }

        if (string.IsNullOrWhiteSpace(settings.Host))
        {
            problems.Add(new ConnectionProblem(ConnectionProblemKind.NotUsable, "It names no server. Write Host=server.example, or several separated by commas."));
        }

        if (SchemaOf(settings) is null)
        {
            problems.Add(new ConnectionProblem(
                ConnectionProblemKind.NotUsable, "Search Path names the schema of the tables: one name of lower-case letters, digits and _ that begins with a letter."));
        }

        ResolveFiles(settings, folder, problems);
        problems.AddRange(ProtectionOf(settings));
        return new SharedConnection
        {
            Text = settings.ConnectionString,
            Name = $"PostgreSQL {settings.Database ?? settings.Username ?? "database"} on {settings.Host}",
            Secrets = [.. new[] { settings.Password, settings.SslPassword }.OfType<string>().Where(secret => secret.Length > 0)],
            Problems = problems,
        };
    }

    /// <summary>The schema that a connection names; null when that is no name for one.</summary>
    public static string? SchemaOf(NpgsqlConnectionStringBuilder settings)
    {
        var schema = settings.SearchPath?.Split(',')[0].Trim() is { Length: > 0 } named ? named : DefaultSchema;
        return PlainName().IsMatch(schema) ? schema : null;
    }

    /// <summary>Whether a keyword was given, in whichever spelling.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="keyword">The spelling that Npgsql writes.</param>
    public static bool Gives(this NpgsqlConnectionStringBuilder settings, string keyword) => settings.Keys.Cast<string>().Contains(keyword, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the server can be reached from this machine only: over a socket, or over loopback.</summary>
    public static bool IsLocal(string? hosts) => hosts is null || hosts.Split(',').All(host =>
    {
        var name = host.Trim();
        return name.Length == 0 || name[0] is '/' or '@' || (name.Length > 1 && name[1] == ':' && name.Contains('\\', StringComparison.Ordinal))
            || name.Split(':')[0] is "localhost" or "127.0.0.1" || name.StartsWith("[::1]", StringComparison.Ordinal) || name == "::1";
    });

    /// <summary>The keywords with their values, in order; null when the text is not a list of them.</summary>
    private static List<KeyValuePair<string, string>>? KeywordsIn(string text)
    {
        try
        {
            var plain = new DbConnectionStringBuilder { ConnectionString = text };
            return [.. plain.Keys.Cast<string>().Select(keyword => KeyValuePair.Create(keyword, (string)plain[keyword]))];
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <returns>What is wrong with the keyword; null when nothing is.</returns>
    private static string? TrySet(NpgsqlConnectionStringBuilder settings, KeyValuePair<string, string> keyword)
    {
        try
        {
            settings[keyword.Key] = keyword.Value;
            return null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidCastException or OverflowException or KeyNotFoundException or NotSupportedException)
        {
            // A keyword that Npgsql knows is no secret; anything else may be a part of one.
            return new NpgsqlConnectionStringBuilder().ContainsKey(keyword.Key)
                ? $", {keyword.Key}, has a value that it cannot have. Correct the value."
                : " is unknown to Npgsql. Correct it; if it is a part of the password, put the password in double quotes: Password=\"…\".";
        }
    }

    private static SharedConnection Unusable(string text, string message) => new()
    {
        Text = text,
        Name = "PostgreSQL",
        Problems = [new ConnectionProblem(ConnectionProblemKind.NotUsable, message)],
    };

    private static void ResolveFiles(NpgsqlConnectionStringBuilder settings, string folder, List<ConnectionProblem> problems)
    {
        foreach (var keyword in _fileKeywords.Where(settings.Gives))
        {
            var path = Path.GetFullPath((string)settings[keyword], folder);
            settings[keyword] = path;
            if (!File.Exists(path))
            {
                problems.Add(new ConnectionProblem(ConnectionProblemKind.FileMissing, $"{keyword} names {path}, which does not exist. Name a file that this account can read."));
            }
        }
    }

    private static IEnumerable<ConnectionProblem> ProtectionOf(NpgsqlConnectionStringBuilder settings)
    {
        if (IsLocal(settings.Host) || !settings.Gives("SSL Mode"))
        {
            yield break;
        }

        if (settings.SslMode is SslMode.Disable or SslMode.Allow or SslMode.Prefer)
        {
            yield return new ConnectionProblem(
                ConnectionProblemKind.NotEncrypted, $"SSL Mode={settings.SslMode} lets credentials and threats travel in clear text. Remove it: the default is VerifyFull.");
        }
        else if (settings.SslMode == SslMode.Require)
        {
            yield return new ConnectionProblem(
                ConnectionProblemKind.NotVerified,
                "SSL Mode=Require does not verify the certificate of the server. Remove it: the default is VerifyFull. Root Certificate names an authority of your own.");
        }
    }

    private static string Ordinal(int place) => place switch
    {
        1 => "first",
        2 => "second",
        3 => "third",
        _ => string.Create(CultureInfo.InvariantCulture, $"{place}th"),
    };

    [GeneratedRegex("^[a-z][a-z0-9_]{0,62}$")]
    private static partial Regex PlainName();
}
