namespace PhishMe.Engine.Configuration.Ini;

/// <summary>A line that is not as it should be. It never holds a value, which may be a secret.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="EarlierLine">The line it repeats or continues, from 1; null when there is none.</param>
/// <param name="Section">The section it is in; null before the first.</param>
/// <param name="Key">The key, where one is repeated or continued.</param>
internal sealed record IniProblem(IniProblemKind Kind, int Line, int? EarlierLine, string? Section, string? Key);
