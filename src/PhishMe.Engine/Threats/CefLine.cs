using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>One line of a CEF answer: a slice of the body, byte for byte, and what a run needs to know of it.</summary>
/// <param name="Bytes">The line without its line break; no copy.</param>
/// <param name="Id">The threat; null when the line does not tell.</param>
/// <param name="FirstPublished">deviceCustomDate1; null when absent or unreadable.</param>
/// <param name="Fault">Why there is no id; null when there is one.</param>
internal readonly record struct CefLine(ReadOnlyMemory<byte> Bytes, ThreatId? Id, DateTimeOffset? FirstPublished, string? Fault);
