namespace PhishMe.Engine.Lookup;

/// <summary>How a wanted value is compared with a field.</summary>
internal enum FieldMatch
{
    /// <summary>The whole text, in any case.</summary>
    Whole,

    /// <summary>The whole text, and it is an indicator of its own, so that the index knows the threats that have it.</summary>
    Indexed,

    /// <summary>A part of the text, in any case.</summary>
    Part,

    /// <summary>A part of the URL; wrapped in double quotes, the whole.</summary>
    Url,
}
