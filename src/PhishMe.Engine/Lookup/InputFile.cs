using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>Opens a file that is read once from beginning to end, such as a log that another program is writing.</summary>
internal static class InputFile
{
    /// <exception cref="PhishMeException">It cannot be read.</exception>
    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Access = FileAccess.Read,
                Share = FileShare.ReadWrite | FileShare.Delete,
                Options = FileOptions.SequentialScan,
                BufferSize = 0,
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(Faults.InputUnreadable, $"The file cannot be read: {exception.Message}", path, exception);
        }
    }
}
