namespace PhishMe.Engine.Configuration;

/// <summary>Which names and bytes the files of an output have.</summary>
internal enum OutputLayout
{
    /// <summary><c>m_1.json</c>, threat as received, UTC date folders.</summary>
    Standard,

    /// <summary>As the original: <c>1.json</c>, pretty-printed ASCII with sorted keys, local date folders.</summary>
    Legacy,
}
