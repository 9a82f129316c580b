namespace PhishMe.Engine.Storage;

/// <summary>The length of an append file.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct AppendLength(string Path, long Length);
