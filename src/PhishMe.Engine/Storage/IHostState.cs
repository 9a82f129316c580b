namespace PhishMe.Engine.Storage;

/// <summary>What concerns this host alone and stays with it, whoever shares the rest: its files, and its configuration file.</summary>
internal interface IHostState
{
    /// <summary>Whether this host took part before. The configuration file of one that did not says nothing about what a person wants.</summary>
    bool IsKnown { get; }

    /// <summary>The position as config.ini had it before the newest commit; empty when it had none.</summary>
    string Mirrored { get; }

    /// <summary>
    /// Whether config.ini may show a position that is not the newest without a person's doing: it had it before the newest commit of this host, or was given it
    /// by that commit and other hosts went on since.
    /// </summary>
    bool MayShow(string position) => position == Mirrored;

    /// <summary>Records that config.ini is about to show the position of the state, without a commit: other hosts went on since it was written last.</summary>
    /// <param name="shown">What it shows now; empty for nothing.</param>
    /// <param name="next">What it is about to show.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task NoteShownAsync(string shown, string next, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Length of an append file after the newest commit; null when it was never written.</summary>
    long? CommittedLength(string path);

    /// <summary>Says which files all hosts see: their lengths are known to all.</summary>
    /// <param name="destination">Whose files they are.</param>
    /// <param name="paths">Their full paths on this host.</param>
    void Share(DestinationId destination, IEnumerable<string> paths)
    {
    }

    /// <summary>Records how long append files are that the state does not know, or knows otherwise: before a byte is added to them.</summary>
    Task NoteLengthsAsync(IReadOnlyCollection<AppendLength> files, CancellationToken cancellationToken);
}
