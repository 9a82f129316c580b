namespace PhishMe.Engine.Configuration;

/// <summary>What the value of a key is.</summary>
internal enum ValueKind
{
    /// <summary>Any text on one line.</summary>
    Text,

    /// <summary><c>1/yes/true/on</c> or <c>0/no/false/off</c>, in any case.</summary>
    Boolean,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A day, <c>YYYY-MM-DD</c>.</summary>
    Date,

    /// <summary>One of a few words, in any case.</summary>
    Word,

    /// <summary>An absolute <c>http://</c> or <c>https://</c> address.</summary>
    Url,

    /// <summary>Path of a file that is written.</summary>
    OutputFile,

    /// <summary>Path of a folder that is written to.</summary>
    OutputFolder,

    /// <summary>Path of a file that is read.</summary>
    InputFile,

    /// <summary>Items parted by commas, blanks or line ends.</summary>
    List,
}
