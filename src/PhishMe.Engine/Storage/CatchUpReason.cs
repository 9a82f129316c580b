namespace PhishMe.Engine.Storage;

/// <summary>Why a destination has to catch up. The numbers are stored.</summary>
internal enum CatchUpReason
{
    /// <summary>It is new.</summary>
    New = 1,

    /// <summary>It was switched off while others were delivered to.</summary>
    WasOff = 2,

    /// <summary>A person reset it.</summary>
    Reset = 3,

    /// <summary>Its queue was full.</summary>
    FellBehind = 4,
}
