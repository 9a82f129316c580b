namespace PhishMe.Engine.Files;

/// <summary>One name that is to stand for another file, or for none.</summary>
/// <param name="From">The file that is renamed to it; null when the file of that name is to go.</param>
/// <param name="To">The name.</param>
internal readonly record struct FileChange(string? From, string To);
