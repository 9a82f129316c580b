namespace PhishMe.Engine.Configuration;

/// <summary>A file or folder that a destination writes.</summary>
/// <param name="Key">The key that names it, such as <c>append_file_location</c>.</param>
/// <param name="Path">Full path.</param>
/// <param name="IsFolder">Whether it is a folder, which is made when its parent exists.</param>
internal sealed record WrittenPlace(string Key, string Path, bool IsFolder = false);
