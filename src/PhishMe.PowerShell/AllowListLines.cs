using PhishMe.Intelligence;

namespace PhishMe.PowerShell;

/// <summary>The entries of an allow list in a text file.</summary>
internal static class AllowListLines
{
    /// <summary>Reads the file.</summary>
    /// <param name="path">Full path.</param>
    /// <returns>Its lines.</returns>
    /// <exception cref="PhishMeException">The file cannot be read.</exception>
    public static string[] Read(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(Faults.InputUnreadable, $"The allow list cannot be read: {exception.Message}", path, exception);
        }
    }
}
