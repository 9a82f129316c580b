using PhishMe.Engine.Files;

namespace PhishMe.Engine.Tests.Files;

/// <summary>The calls of this system, with programs that hold files as they do on Windows: the same error, and nothing is changed.</summary>
internal sealed class HeldFileCalls : IFileCalls
{
    private const int SharingViolation = unchecked((int)0x8007_0020);
    private const int ReplacementNotMoved = unchecked((int)0x8007_0499); // 1177

    /// <summary>Files that are held, by the end of their path, and how many more times they refuse; forever when negative.</summary>
    public Dictionary<string, int> Refusals { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether the next replacement stops between its two steps, as ReplaceFile does with error 1177.</summary>
    public bool FailsHalfWay { get; set; }

    public int Calls { get; private set; }

    public HeldFileCalls Hold(string end, int times = -1)
    {
        Refusals[end] = times;
        return this;
    }

    public void Rename(string from, string to)
    {
        ThrowIfHeld(from);
        ThrowIfHeld(to);
        File.Move(from, to, overwrite: true);
    }

    public void Delete(string path)
    {
        ThrowIfHeld(path);
        File.Delete(path);
    }

    public void Replace(string replacement, string target, string backup)
    {
        ThrowIfHeld(target);
        if (FailsHalfWay)
        {
            FailsHalfWay = false;
            File.Move(target, backup, overwrite: true);
            throw new IOException("Unable to move the replacement file to the file to be replaced.", ReplacementNotMoved);
        }

        File.Move(replacement, target, overwrite: true);
    }

    public bool IsHeld(Exception error) => error.HResult == SharingViolation;

    public IReadOnlyList<string> HoldersOf(string path) => ["reader (process 42)"];

    private void ThrowIfHeld(string path)
    {
        Calls++;
        foreach ((var end, var times) in Refusals)
        {
            if (path.Replace('\\', '/').EndsWith(end, StringComparison.Ordinal) && times != 0)
            {
                Refusals[end] = times - 1;
                throw new IOException("The process cannot access the file because it is being used by another process.", SharingViolation);
            }
        }
    }
}
