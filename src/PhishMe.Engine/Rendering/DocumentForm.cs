namespace PhishMe.Engine.Rendering;

/// <summary>How the threats of a format follow one another in a file or stream.</summary>
internal enum DocumentForm
{
    /// <summary>Lines; each threat brings any number of them, with their LF.</summary>
    Lines,

    /// <summary>One JSON object per line.</summary>
    JsonLines,

    /// <summary>One document per threat, each followed by LF.</summary>
    Sequence,

    /// <summary>In a stream one JSON object per line; in a document of its own one object around all threats.</summary>
    JsonDocument,
}
