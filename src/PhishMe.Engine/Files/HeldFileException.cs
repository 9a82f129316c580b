namespace PhishMe.Engine.Files;

/// <summary>A file could not be changed because another program has it open, and did not close it in time.</summary>
internal sealed class HeldFileException(HeldFile held, Exception? innerException = null) : IOException(held.ToString(), innerException)
{
    /// <summary>The file.</summary>
    public HeldFile Held { get; } = held;
}
