namespace PhishMe.Engine.Files;

/// <summary>What is asked of the operating system when a name changes what it stands for. The seam at which tests let another program hold a file.</summary>
internal interface IFileCalls
{
    /// <summary>Renames a file over whatever has the name.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file; one that does not exist is no error.</summary>
    void Delete(string path);

    /// <summary>Puts a file in the place of another and keeps the owner's settings of that one, such as its access list.</summary>
    /// <param name="replacement">The new file.</param>
    /// <param name="target">The file that is replaced.</param>
    /// <param name="backup">
    /// A free name beside it. Where the system needs two steps, the old file is found there when the second one fails; it may stay there after success.
    /// </param>
    void Replace(string replacement, string target, string backup);

    /// <summary>Whether an error says that another program has the file open. Always false where an open file can be renamed and deleted.</summary>
    bool IsHeld(Exception error);

    /// <summary>The programs that have a file open, as far as the system tells.</summary>
    IReadOnlyList<string> HoldersOf(string path);
}
