using System.Globalization;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>A few minutes of a backfill whose CEF the API could not serve.</summary>
internal sealed record WindowGap(DateTimeOffset Begin, DateTimeOffset End) : DeadLetterPlace
{
    public override DeadLetterKind Kind => DeadLetterKind.MissingWindow;

    /// <summary>A time in UTC as both kinds of gaps write it, to the second.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public override string ToString() => $"CEF from {Format(Begin)} to {Format(End)}";
}
