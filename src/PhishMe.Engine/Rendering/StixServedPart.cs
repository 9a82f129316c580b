using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>An object in what was written.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Indicator">The indicator that it is or comes from; null for the report.</param>
/// <param name="Start">Where its opening brace is.</param>
internal readonly record struct StixServedPart(string Id, Indicator? Indicator, long Start);
