namespace PhishMe.Engine.Rendering;

/// <summary>What became of a threat as CEF.</summary>
/// <param name="Lines">Lines written, each with its LF.</param>
/// <param name="EmailsLeftOut">Watch-list e-mail addresses: the feed documents no event class for them (reference/cef.md §1.4).</param>
/// <param name="OthersLeftOut">Watch-list entries of kinds without an event class.</param>
internal readonly record struct CefResult(int Lines, int EmailsLeftOut, int OthersLeftOut);
