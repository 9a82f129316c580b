namespace PhishMe.Engine.Files;

/// <summary>
/// Renames, replaces and deletes files that others may have open. On Windows a reader that does not share deletion stands in the way; most are gone
/// within a second (virus scanners, indexers, agents), so refused changes are tried again for a while, all of a batch together.
/// </summary>
/// <param name="clock">Measures the wait.</param>
/// <param name="calls">The operating system.</param>
internal sealed class PatientFiles(TimeProvider clock, IFileCalls calls)
{
    /// <summary>How long the changes of one call are tried.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2.5);

    /// <summary>How long all calls together wait: a folder that someone holds for good must not slow down every batch of a backfill.</summary>
    public static readonly TimeSpan PatienceInAll = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private TimeSpan _waited;

    /// <summary>The calls without any patience.</summary>
    public IFileCalls Calls => calls;

    /// <summary>With the system's clock and calls.</summary>
    public static PatientFiles OfSystem() => new(TimeProvider.System, FileCalls.OfSystem);

    /// <summary>Makes changes in their order; one that is refused because the file is open stops no other.</summary>
    /// <returns>Those that could not be made.</returns>
    /// <exception cref="IOException">Another error.</exception>
    /// <exception cref="UnauthorizedAccessException">Another error.</exception>
    public IReadOnlyList<HeldFile> Apply(IReadOnlyList<FileChange> changes)
    {
        List<(FileChange Change, Exception Error)> refused = [];
        Try(changes, refused);
        if (refused.Count == 0)
        {
            return [];
        }

        var begin = clock.GetTimestamp();
        for (var pause = FirstPause; refused.Count > 0 && clock.GetElapsedTime(begin) < Patience && MayWait(pause); pause = Longer(pause))
        {
            Pause(pause);
            var again = refused.Select(item => item.Change).ToArray();
            refused.Clear();
            Try(again, refused);
        }

        return [.. refused.Select(item => new HeldFile(item.Change, item.Error.Message.ReplaceLineEndings(" "), calls.HoldersOf(item.Change.To)))];
    }

    /// <summary>Makes one change, without any patience.</summary>
    /// <returns>False when it was refused because the file is open.</returns>
    public bool TryNow(FileChange change)
    {
        List<(FileChange Change, Exception Error)> refused = [];
        Try([change], refused);
        return refused.Count == 0;
    }

    /// <summary>Renames a file over whatever has the name.</summary>
    /// <exception cref="HeldFileException">Someone has it open for too long.</exception>
    public void Rename(string from, string to) => ThrowIfHeld(Apply([new FileChange(from, to)]));

    /// <summary>Deletes a file.</summary>
    /// <exception cref="HeldFileException">Someone has it open for too long.</exception>
    public void Delete(string path) => ThrowIfHeld(Apply([new FileChange(null, path)]));

    /// <summary>Deletes what is of no more use; that it stays is no failure.</summary>
    /// <returns>Whether it is gone.</returns>
    public bool TryDelete(string path)
    {
        try
        {
            calls.Delete(path);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Does what may be refused while someone has a file open.</summary>
    /// <param name="path">The file, for the message.</param>
    /// <param name="work">Does it; is called again when it was refused.</param>
    /// <exception cref="HeldFileException">Someone has it open for too long.</exception>
    public T Do<T>(string path, Func<T> work)
    {
        var begin = clock.GetTimestamp();
        for (var pause = FirstPause; ; pause = Longer(pause))
        {
            try
            {
                return work();
            }
            catch (Exception exception) when (calls.IsHeld(exception))
            {
                if (clock.GetElapsedTime(begin) >= Patience || !MayWait(pause))
                {
                    throw new HeldFileException(new HeldFile(new FileChange(null, path), exception.Message.ReplaceLineEndings(" "), calls.HoldersOf(path)), exception);
                }
            }

            Pause(pause);
        }
    }

    private static void ThrowIfHeld(IReadOnlyList<HeldFile> held)
    {
        if (held.Count > 0)
        {
            throw new HeldFileException(held[0]);
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    private void Try(IReadOnlyList<FileChange> changes, List<(FileChange Change, Exception Error)> refused)
    {
        foreach (var change in changes)
        {
            try
            {
                if (change.From is { } from)
                {
                    calls.Rename(from, change.To);
                }
                else
                {
                    calls.Delete(change.To);
                }
            }
            catch (Exception exception) when (calls.IsHeld(exception))
            {
                refused.Add((change, exception));
            }
        }
    }

    private bool MayWait(TimeSpan pause)
    {
        lock (_gate)
        {
            _waited += pause;
            return _waited <= PatienceInAll;
        }
    }

    /// <summary>With jitter: two programs that wait for each other shall not do so in step.</summary>
    private void Pause(TimeSpan pause)
    {
#pragma warning disable CA5394 // No secret hangs on it.
        var jittered = pause * (0.75 + (Random.Shared.NextDouble() / 2));
#pragma warning restore CA5394
        Task.Delay(jittered, clock).GetAwaiter().GetResult();
    }
}
