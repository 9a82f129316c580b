using System.Globalization;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Files;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running.Checking;

/// <summary>May this account write a file or folder, and is there room for it? Nothing is made or opened for writing.</summary>
internal static class PlaceCheck
{
    private const long Scarce = 1L << 30;
    private const long TooLittle = 64L << 20;

    /// <summary>Looks at a place.</summary>
    /// <param name="subject">What the result calls it.</param>
    /// <param name="place">The place.</param>
    /// <param name="freeSpace">Bytes free in a folder; null for those the system reports.</param>
    public static CheckResult Run(string subject, WrittenPlace place, Func<string, long?>? freeSpace = null)
    {
        if (place.IsFolder ? File.Exists(place.Path) : Directory.Exists(place.Path))
        {
            return Checks.Fail(
                subject, $"{place.Path} is a {(place.IsFolder ? "file, not a folder" : "folder, not a file")}.", $"Change the path in {place.Key}.");
        }

        var folder = place.IsFolder && Directory.Exists(place.Path) ? place.Path : Path.GetDirectoryName(place.Path);
        if (folder is null || !Directory.Exists(folder))
        {
            return Checks.Fail(subject, $"The folder {folder ?? place.Path} does not exist.", $"Create it, or change the path in {place.Key}.");
        }

        if (!PathAccess.CanCreateIn(folder))
        {
            return Checks.Fail(subject, $"{folder} is not writable.", "Give the account that runs the integration permission to write there, or change the path.");
        }

        if (!place.IsFolder && File.Exists(place.Path) && !PathAccess.CanWrite(place.Path))
        {
            return Checks.Fail(subject, $"{place.Path} is read-only for this account.", "Give the account permission to write the file.");
        }

        return (freeSpace ?? FreeSpace.Of)(folder) switch
        {
            null => Checks.Pass(subject, $"{folder} is writable."),
            < TooLittle and var free => Checks.Fail(subject, $"{folder} is writable, but only {Megabytes(free)} are free.", "Make room on the disk, or change the path."),
            < Scarce and var free => Checks.Warn(subject, $"{folder} is writable; {Megabytes(free)} are free.", "Make room on the disk before it is full."),
            var free => Checks.Pass(subject, string.Create(CultureInfo.InvariantCulture, $"{folder} is writable; {free / Scarce} GiB are free.")),
        };
    }

    private static string Megabytes(long? bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1L << 20)} MiB");
}
