namespace PhishMe.Engine.Destinations;

/// <summary>What a rebuild did.</summary>
/// <param name="FilesWritten">Files that are new or changed.</param>
/// <param name="FilesRemoved">Files that are no longer wanted.</param>
internal readonly record struct RebuildResult(int FilesWritten, int FilesRemoved)
{
    /// <summary>What is worth a warning in the summary, such as a list that lost a large part of its entries.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Whether the files stay as they were, because the store lacks what they have.</summary>
    public bool IsKept { get; init; }

    /// <summary>What became of the indicators, by kind.</summary>
    public IReadOnlyList<PhishMe.Intelligence.KindCount> Kinds { get; init; } = [];
}
