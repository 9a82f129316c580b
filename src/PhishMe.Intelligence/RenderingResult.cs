namespace PhishMe.Intelligence;

/// <summary>What became of a threat that was rendered.</summary>
/// <param name="Units">Lines, rows, packages or events made of it.</param>
/// <param name="LeftOut">Indicators the format has no form for.</param>
public readonly record struct RenderingResult(int Units, int LeftOut);
